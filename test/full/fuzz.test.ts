import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fuzzModelFiles } from '../fuzz/model-files.ts';

/** What 25,000 mutants may add to the process, far below what their fields claim. */
const GROWN_BYTES_MAX = 512 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'wafer-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([1001])(
  '3,000 broken models of seed %i open or are refused with a code',
  async (seed) => {
    const before = process.memoryUsage().rss;
    const report = await fuzzModelFiles(join(folder, String(seed)), { seed, count: 3000 });
    expect(report.failures).toEqual([]);
    expect(report.openedCount + report.refusedCount).toBe(3000);
    expect(process.memoryUsage().rss - before).toBeLessThan(GROWN_BYTES_MAX);
  },
);

test('3,000 models with broken tokenizers open or are refused with a code', async () => {
  const options = { seed: 2001, count: 3000, only: 'kinds' as const };
  const report = await fuzzModelFiles(join(folder, 'kinds'), options);
  expect(report.failures).toEqual([]);
  expect(report.openedCount).toBeGreaterThan(300);
  expect(report.codes['TOKENIZER_INVALID']).toBeGreaterThan(300);
});

test('500 models with broken blocks of every type open or are refused with a code', async () => {
  const options = { seed: 3001, count: 500, only: 'blocks' as const };
  const report = await fuzzModelFiles(join(folder, 'blocks'), options);
  expect(report.failures).toEqual([]);
  expect(report.openedCount).toBeGreaterThan(50);
  expect(report.refusedCount).toBeGreaterThan(100);
});
