import { expect, test } from 'vitest';
import { append, maxOf, minOf } from './lists.ts';

const COUNT = 1_000_000; // a spread overflows the stack at 120,000

test('the largest and the smallest of a million values are found, and they are appended', () => {
  const values = Array.from({ length: COUNT }, (_, i) => (i * 7919) % COUNT);
  expect(maxOf(values)).toBe(COUNT - 1);
  expect(minOf(values)).toBe(0);
  const target = [-1];
  append(target, values);
  expect(target).toHaveLength(COUNT + 1);
});

test('they are those of Math.max and Math.min', () => {
  for (const values of [[], [3, -2, 8], [NaN, 1], [-0], [Infinity, -Infinity]]) {
    expect(maxOf(values)).toBe(Math.max(...values));
    expect(minOf(values)).toBe(Math.min(...values));
  }
  expect(maxOf([1, 2], 5)).toBe(5);
  expect(minOf([1, 2], 0)).toBe(0);
});
