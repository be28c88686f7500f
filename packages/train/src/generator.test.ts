import { expect, test } from 'vitest';
import { fillUniform, shuffledOrder } from './generator.ts';

test('the first values of a tensor are those of the formula', () => {
  const values = new Float32Array(4);
  fillUniform(values, { seed: 1, tensor: 0, a: 0.25 });
  // Worked out apart from this code, nine digits.
  const expected = [0.124916226, -0.216225326, 0.000317901373, 0.0317032337];
  values.forEach((value, i) => expect(value / expected[i]!).toBeCloseTo(1, 8));
});

test('a seeded order holds every row once, and changes with seed and epoch', () => {
  const order = shuffledOrder(100, 1, 0);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(shuffledOrder(100, 1, 0)).toEqual(order);
  expect(shuffledOrder(100, 2, 0)).not.toEqual(order);
  expect(shuffledOrder(100, 1, 1)).not.toEqual(order);
});
