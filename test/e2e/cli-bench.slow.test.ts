import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tokenTraffic } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import { prepareModel } from '@wafer/runtime/internal';
import { MAIN, runCli, runCliJson, runCliWell, startCli, temporaryFolder } from './cli-process.ts';

const FILES = [
  'channels.csv',
  'interconnects.csv',
  'meta.json',
  'report.html',
  'scaling.csv',
  'sweep.csv',
  'trace.json',
  'wall.csv',
  'waterfall.csv',
  'waterfall.svg',
];

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const outTo = (name: string): string[] => ['--out', join(folder.path, name)];

interface Row {
  row: string;
  repetitions: number;
  decodeTokensPerSecond: { median: number; min: number; max: number };
  shares: Record<string, number>;
  tokenMs: { p50: number; p99: number };
  ratio: { median: number };
  kerfBytesPerToken: number;
  tokensHash: string;
}

let quickRun: Promise<Record<string, unknown>> | undefined;

/** One quick run, which several tests look at. */
function quickReport(): Promise<Record<string, unknown>> {
  const words = ['bench', '--quick', '--repetitions', '3', '--json'];
  quickRun ??= runCliJson([...words, ...outTo('files')]);
  return quickRun;
}

test('bench --json measures a whole and a diced wafer, with the same tokens', async () => {
  const report = await quickReport();
  expect(report).toMatchObject({ clock: 'wall', model: 'synthetic:tiny' });
  expect(report['machine']).toMatchObject({ node: process.version });
  const rows = report['rows'] as [Row, Row, Row, Row];
  const [whole] = rows;
  expect(rows.map(({ row }) => row)).toEqual([
    '2x1 whole',
    ...['port', 'unix', 'tcp'].map((link) => `2x1 diced 2x1 ${link}`),
  ]);
  expect(report['tokensHash']).toMatch(/^[0-9a-f]{16}$/);
  expect(whole.kerfBytesPerToken).toBe(0);
  expect(whole.ratio.median).toBe(1);
  for (const row of rows) {
    const { repetitions, decodeTokensPerSecond: decode, shares, tokenMs } = row;
    expect(row.tokensHash).toBe(whole.tokensHash);
    expect(tokenMs.p50).toBeGreaterThan(0);
    expect(tokenMs.p50).toBeLessThanOrEqual(tokenMs.p99);
    expect(repetitions).toBe(3);
    expect(decode.min).toBeLessThanOrEqual(decode.median);
    expect(decode.median).toBeLessThanOrEqual(decode.max);
    const sum = Object.values(shares).reduce((total, share) => total + share, 0);
    expect(sum).toBeCloseTo(1, 9);
  }
  // What the plan says a token moves between the chips, but for the embedding: prompt tokens of
  // one half of the vocabulary are sent by the other chip.
  const model = await openModel('synthetic:tiny');
  const { plan } = prepareModel(model, { grid: '2x1' });
  const planned = tokenTraffic(plan).payloadBytes;
  for (const { kerfBytesPerToken } of rows.slice(1)) {
    expect(kerfBytesPerToken).toBeGreaterThanOrEqual(planned);
    expect(kerfBytesPerToken).toBeLessThanOrEqual(planned + 64 * 4);
  }
  const described = report['described'] as { rows: { clock: string; tokensHash: string }[] };
  for (const { clock, tokensHash } of described.rows) {
    expect([clock, tokensHash]).toEqual(['virtual', described.rows[0]!.tokensHash]);
  }
});

test('bench prints machine, date and clock, a row at a time, and a hash of its work', async () => {
  const words = ['bench', 'synthetic:tiny', '--grid', '2x2', '--dice', '1x2', '--repetitions', '1'];
  const sizes = ['--prompt-tokens', '5', '--max-tokens', '4', ...outTo('text')];
  const text = await runCliWell([...words, ...sizes]);
  expect(text).toMatch(/^wafer bench · synthetic:tiny · \d{4}-\d\d-\d\dT/);
  expect(text).toContain(`Node ${process.version}`);
  expect(text).toContain('wall clock\nprompt of 5 tokens, 4 generated');
  expect(text).toMatch(/^2x2 whole +\d.* 0( +noisy)?$/m);
  for (const link of ['port', 'unix', 'tcp']) {
    expect(text).toMatch(new RegExp(`^2x2 diced 1x2 ${link} +\\d.* [\\d,]+( +noisy)?$`, 'm'));
  }
  expect(text).toMatch(/\nSame tokens, hash [0-9a-f]{16}; traffic equals the plan to the byte\.\n/);
  expect(text).toMatch(
    /^Described interconnects · virtual clock · .*\n.*real tokens, in every row hash [0-9a-f]+$/m,
  );
  expect(text).toMatch(/^software overhead +\d+ \d+%/m);
  expect(text).toMatch(/\nReport: .*report\.html\n$/);
});

test('a run leaves every file it promises, and they say the same as the JSON', async () => {
  const report = await quickReport();
  const run = String(report['folder']);
  expect(run).toBe(join(folder.path, 'files', String(report['id'])));
  expect(readdirSync(run).toSorted()).toEqual(FILES);
  const read = (file: string): string => readFileSync(join(run, file), 'utf8');
  const meta = JSON.parse(read('meta.json')) as Record<string, Record<string, unknown>>;
  expect(meta).toMatchObject({
    id: report['id'],
    tokensHash: report['tokensHash'],
    versions: { node: process.version },
    model: { name: 'synthetic:tiny', seed: expect.any(Number) as number },
    clocks: { 'wall.csv': 'wall', 'interconnects.csv': ['virtual'] },
  });
  const [head = '', ...lines] = read('wall.csv').trimEnd().split('\n');
  expect(head.split(',')).toContain('decode_tokens_per_s');
  expect(lines).toHaveLength((report['rows'] as unknown[]).length);
  const trace = JSON.parse(read('trace.json')) as { traceEvents: { name: string }[] };
  expect(trace.traceEvents.some(({ name }) => name.startsWith('send '))).toBe(true);
  const html = read('report.html');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/src="(?!data:)/);
  // Links lead to its own sections and to files beside it.
  for (const [, to = ''] of html.matchAll(/href="([^"]*)"/g))
    expect(to).toMatch(/^(#|data:|[\w-]+\.\w+$)/);
  expect(read('waterfall.svg')).toMatch(/^<svg xmlns="http[^]*prefers-color-scheme/);
});

test('a run folder that cannot be made ends with 5 before anything is measured', async () => {
  const file = join(folder.path, 'a-file');
  writeFileSync(file, '');
  const { code, stdout, stderr } = await runCli(['bench', '--quick', '--out', file]);
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toMatch(/^wafer: OUTPUT_FAILED: cannot write .*a-file.*\n$/);
});

test('a reader that goes away ends the bench quietly, and leaves no run', () => {
  const out = join(folder.path, 'piped');
  const command = `"${process.execPath}" "${MAIN}" bench --quick --out "${out}"`;
  const script = `${command} 2>/dev/null | head -n 1; echo "code $\{PIPESTATUS[0]}"`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 25_000 });
  expect(stdout).toMatch(/^wafer bench .*\ncode 0\n$/);
  expect(readdirSync(out)).toEqual([]);
});

test('Ctrl-C ends the bench with 130, and leaves no run', async () => {
  const out = join(folder.path, 'interrupted');
  const words = ['bench', '--max-tokens', '120', '--repetitions', '50', '--out', out];
  const { child, ended, firstOutput } = startCli(words);
  await firstOutput;
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});
