/**
 * Proves by exhaustion that no wake-up is lost, and that the proof notices when one is.
 *
 * Needs Spin and a C compiler. Where they are missing, CI fails and everybody else is told.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MODEL = fileURLToPath(new URL('../sim/doorbell.pml', import.meta.url));
const HINT = 'spin or cc is missing: apt-get install spin gcc';

const isInstalled = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;
const canProve = isInstalled('spin') && isInstalled('cc');
if (!canProve) console.warn(`skipped: ${HINT}`);

/** Tries all interleavings of a variant of the model; returns what the verifier prints. */
function verify(...variant: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-spin-'));
  const options = { cwd: folder, encoding: 'utf8' } as const;
  try {
    copyFileSync(MODEL, join(folder, 'doorbell.pml'));
    execFileSync('spin', ['-a', ...variant, 'doorbell.pml'], options);
    execFileSync('cc', ['-O2', '-DSAFETY', '-o', 'pan', 'pan.c'], options);
    return execFileSync(join(folder, 'pan'), ['-m100000', '-w24'], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const countOf = (output: string, pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
const errorsOf = (output: string): number => countOf(output, /errors: (\d+)/);

test('the tools of the proof are installed where it must not be skipped', () => {
  expect(canProve || process.env['CI'] === undefined, HINT).toBe(true);
});

test.skipIf(!canProve).each([
  ['sleeping and waking', []],
  ['stopping at any moment', ['-DSTOP']],
])('%s loses no wake-up in any interleaving', (_, variant) => {
  const output = verify(...variant);
  expect(output).not.toMatch(/max search depth too small|out of memory/);
  expect(errorsOf(output)).toBe(0);
  expect(countOf(output, /(\d+) states, stored/)).toBeGreaterThan(100_000);
  // Every line of the model was reached: threads did sleep, and bells did ring.
  const unreached = [...output.matchAll(/\((\d+) of \d+ states\)/g)].map(([, count]) => count);
  expect(unreached.length).toBeGreaterThanOrEqual(3);
  expect(new Set(unreached)).toEqual(new Set(['0']));
});

test.skipIf(!canProve).each([
  ['looks before it says that it sleeps', '-DLOOK_FIRST'],
  ['reads the bell after it looked', '-DBELL_LATE'],
  ['rings before it publishes', '-DRING_FIRST'],
  ['stops without a bell', '-DSTOP_QUIET'],
])('a protocol that %s is found to lose a wake-up', (_, variant) => {
  const output = verify(variant);
  expect(errorsOf(output)).toBe(1);
  expect(output).toContain('invalid end state');
});
