import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldBelow, interpolate, interpolateLog } from './interpolate.ts';
import { applyConstants, fitConstants } from './least-squares.ts';

const positive = fc.double({ min: 0.1, max: 100, noNaN: true });

test('constants that made the rows are found again', () => {
  fc.assert(
    fc.property(fc.tuple(positive, positive, positive), (constants) => {
      const rows = [
        [1, 0, 2],
        [1, 3, 0],
        [0, 5, 1],
        [2, 2, 7],
        [1, 1, 1],
      ].map((features) => {
        const fixed = features[1]!;
        return { features, fixed, measured: applyConstants(constants, { features, fixed }) };
      });
      const found = fitConstants(rows);
      for (const [i, value] of constants.entries()) expect(found[i]).toBeCloseTo(value, 6);
    }),
  );
});

test('a cost that would pay is zero, and the others take its place', () => {
  const rows = [1, 2, 3].map((x) => ({ features: [x, 1], measured: 10 * x - 2 }));
  const [slope, start] = fitConstants(rows);
  expect(start).toBe(0);
  expect(slope).toBeGreaterThan(8);
});

test('lines go through their points, between them and on beyond the ends', () => {
  const points = [
    [1, 10],
    [3, 30],
    [5, 20],
  ] as const;
  expect([0, 1, 2, 3, 4, 5, 6].map((x) => interpolate(points, x))).toEqual([
    0, 10, 20, 30, 25, 20, 15,
  ]);
  expect(interpolate(heldBelow(points), 0.5)).toBe(10);
  expect(interpolate([[2, 7]], 9)).toBe(7);
  expect(
    interpolateLog(
      [
        [1, 1],
        [100, 10],
      ],
      10,
    ),
  ).toBeCloseTo(Math.sqrt(10), 12);
});
