import { expect, test } from 'vitest';
import { philox, SEED_MAX, uniform } from './random.ts';

test('philox gives the published known answers', () => {
  const ones = 0xffffffff;
  expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([
    0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
  ]);
  expect(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
  ).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test('a number depends on seed and index alone, and both move it', () => {
  const forward = Array.from({ length: 50 }, (_, index) => uniform(42, index));
  const backward = Array.from({ length: 50 }, (_, index) => uniform(42, 49 - index)).reverse();
  expect(backward).toEqual(forward);
  expect(new Set(forward).size).toBe(50);
  expect(uniform(43, 0)).not.toBe(uniform(42, 0));
  expect(uniform(2 ** 32 + 42, 0)).not.toBe(uniform(42, 0)); // the seed's upper word counts
  expect(uniform(SEED_MAX, 0)).not.toBe(uniform(SEED_MAX - 1, 0));
});

test('numbers are uniform in [0, 1)', () => {
  const count = 20_000;
  const bins = new Float64Array(10);
  for (let index = 0; index < count; index++) {
    const value = uniform(7, index);
    expect(value >= 0 && value < 1).toBe(true);
    bins[Math.floor(value * 10)]! += 1;
  }
  const expected = count / bins.length;
  const chiSquare = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001; the seed is fixed
});
