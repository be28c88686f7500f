import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, listSources } from './files.ts';

/** Runs `.ci/summary.mjs` over a folder with the given files. */
function summarize(files: Record<string, unknown>): { status: number | null; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-summary-'));
  try {
    for (const [name, value] of Object.entries(files)) {
      writeFileSync(join(folder, name), JSON.stringify(value));
    }
    const args = [`${ROOT}.ci/summary.mjs`, folder];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A report as vitest writes it, with one file whose tests ended in the given ways. */
function report(...outcomes: string[]): unknown {
  const assertionResults = outcomes.map((status, index) => ({ status, fullName: `t${index}` }));
  const status = outcomes.includes('failed') ? 'failed' : 'passed';
  return { testResults: [{ name: `${ROOT}a.test.ts`, status, assertionResults }] };
}

const good = { 'test.status': 0, 'full.status': 0, 'lint.status': 0 };

test('the summary adds tests and checks, and names what was skipped', () => {
  const files = {
    ...good,
    'test.json': report('passed', 'skipped'),
    'full.json': report('passed'),
  };
  const { status, lines } = summarize(files);
  expect(lines).toEqual(['skipped: a.test.ts > t1', '3 passed, 0 failed']);
  expect(status).toBe(0);
});

test('a failed test and a failed check count as one each', () => {
  const files = {
    ...good,
    'test.status': 1,
    'lint.status': 1,
    'test.json': report('passed', 'failed'),
    'full.json': report('passed'),
  };
  const { status, lines } = summarize(files);
  expect(lines.at(-1)).toBe('2 passed, 2 failed');
  expect(status).toBe(1);
});

test('a missing report, a bad end without a failed test and a file that does not load fail', () => {
  const broken = {
    testResults: [{ name: `${ROOT}b.test.ts`, status: 'failed', assertionResults: [] }],
  };
  const cases = [
    { 'test.status': 0 },
    { 'test.status': 124 },
    { 'test.status': 1, 'test.json': report('passed') },
    { 'test.status': 1, 'test.json': broken },
  ];
  for (const files of cases) {
    const { status, lines } = summarize(files);
    expect(lines.at(-1)).toMatch(/^[01] passed, 1 failed$/);
    expect(status).toBe(1);
  }
});

test('the table of sizes counts every line once', () => {
  const { stdout } = spawnSync(process.execPath, ['scripts/size.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const total = /^total +(\d+) +(\d+) +(\d+)$/m.exec(stdout)?.slice(1).map(Number) ?? [];
  const counted = listSources()
    .filter(({ path }) => /^(?:packages|test|scripts|bench|examples)\/.*\.(ts|mjs)$/.test(path))
    .reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  expect(total.reduce((sum, lines) => sum + lines, 0)).toBe(counted);
});
