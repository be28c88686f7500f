import { expect, test } from 'vitest';
import { judge, validate } from './validate.ts';
import type { Cohort } from './validate.ts';
import { peMacs, waferLayerCycles } from './wafer-layer.ts';

const rows = validate();

test('rows come worst first, each with its own error', () => {
  const sizes = rows.map(({ error }) => Math.abs(error));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  for (const { predicted, reference, error } of rows) {
    expect(predicted / reference - 1).toBe(error);
  }
  expect(new Set(rows.map(({ cohort, row }) => `${cohort} ${row}`)).size).toBe(rows.length);
});

/**
 * Medians and largest errors of rows that nothing was fitted to, as they stood when the figures
 * were fitted. GPU decode is not held: its rows carry the host software of their time.
 */
test.each([
  ['WSE-2 decode', 0.03, 0.04],
  ['GPU matrix x vector', 0.1, 0.8],
  ['GPU attention', 0.16, 0.5],
  ['GPU all-reduce', 0.1, 0.75],
] as const)('%s is met with a median error of %d', (cohort: Cohort, median, max) => {
  const judged = judge(rows, cohort);
  expect(judged.count).toBeGreaterThanOrEqual(5);
  expect(judged.median).toBeLessThan(median);
  expect(judged.max).toBeLessThan(max);
});

test('rows that figures were fitted to come out close', () => {
  const fitted = rows.filter(({ isFitted }) => isFitted);
  expect(fitted.length).toBeGreaterThan(20);
  for (const { error, row } of fitted) expect(Math.abs(error), row).toBeLessThan(0.16);
});

test('a decode that is predicted without its host software lies below what was measured', () => {
  for (const { cohort, error } of rows) if (cohort === 'GPU decode') expect(error).toBeLessThan(0);
});

test('more PEs help a large layer and, beyond some side, hurt', () => {
  const cycles = (side: number): number =>
    waferLayerCycles(side, { hidden: 8192 / side, ffn: 28_672 / side, context: 4096 / side });
  const sides = [100, 200, 400, 800, 1600].map(cycles);
  expect(sides[1]).toBeLessThan(sides[0]!);
  expect(sides[4]).toBeGreaterThan(sides[2]!);
  expect(peMacs({ hidden: 1, ffn: 1, context: 1 })).toBe(9);
});
