import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { runAdapters } from './run-adapters.ts';

test('a batch answers otherwise through one adapter, and otherwise through several', async () => {
  const adapters = { slots: 3, rank: 4 };
  await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1', adapters });
  const sizes = { batch: 4, tokens: 8, promptTokens: 5, rounds: 2 };
  const rows = await runAdapters(wafer, { adapters: 3, rank: 4, ...sizes });
  expect(rows.map((row) => [row.through, row.adapters, row.bar])).toEqual([
    ['none', 0, undefined],
    ['one', 1, undefined],
    ['many', 3, 0.85],
  ]);
  expect(rows[0]!.ratio).toBe(1);
  expect(new Set(rows.map(({ hash }) => hash)).size).toBe(3);
});
