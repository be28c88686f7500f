import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paretoFront, projectPoint, sweepPoints } from '@wafer/timing';
import { expect, test } from 'vitest';
import { appendRows, openSweepFile, sweepLine } from './sweep-file.ts';

const points = sweepPoints({
  models: ['llama-3.1-8b', 'llama-3.1-70b'],
  machines: ['wse3', 'wse3x1', 'h100x8'],
  types: ['bf16', 'fp8'],
  contexts: [1024],
  batches: [1, 64],
  chunks: [0, 256],
});
const rows = points.map((point) => projectPoint(point));

test('a sweep that was cut off within a line goes on after the last whole one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  try {
    const path = join(folder, 'sweep.csv');
    expect(await openSweepFile(path, points)).toEqual([]);
    await appendRows(path, rows);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, Math.floor(whole.length / 2)));
    const known = await openSweepFile(path, points);
    expect(known.length).toBeGreaterThan(4);
    expect(known.length).toBeLessThan(points.length);
    await appendRows(path, rows.slice(known.length));
    expect(await readFile(path, 'utf8')).toBe(whole);
    const again = await openSweepFile(path, points);
    expect(again.map((row) => sweepLine(row))).toEqual(rows.map((row) => sweepLine(row)));
    await expect(openSweepFile(path, points.toReversed())).rejects.toThrow('another sweep');
    await expect(openSweepFile(folder, points)).rejects.toThrow('OUTPUT_FAILED');
    await expect(openSweepFile(join(path, 'x'), points)).rejects.toThrow('OUTPUT_FAILED');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('none of the front is as good as another, and every row beside it has one as good', () => {
  const front = paretoFront(rows);
  expect(front.length).toBeGreaterThan(2);
  expect(rows.some(({ refused }) => refused !== undefined)).toBe(true);
  const isAsGood = (one: (typeof rows)[number], row: (typeof rows)[number]): boolean =>
    one.model === row.model &&
    one.tokensPerS! >= row.tokensPerS! &&
    one.joulesPerToken! <= row.joulesPerToken!;
  for (const row of rows.filter(({ refused }) => refused === undefined)) {
    const better = front.filter((one) => one !== row && isAsGood(one, row));
    expect(better.length === 0).toBe(front.includes(row));
  }
});
