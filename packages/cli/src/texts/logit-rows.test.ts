import { expect, test } from 'vitest';
import { likeliest, logSumExp, shortestFloat } from './logit-rows.ts';

test('the sum of exponentials survives logits of any size', () => {
  expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.log(2), 12);
  expect(logSumExp(Float32Array.of(-1000, -1000, -1000))).toBeCloseTo(-1000 + Math.log(3), 12);
  expect(logSumExp(Float32Array.of(5))).toBe(5);
});

test('of equal logits the lower id comes first', () => {
  expect(likeliest(Float32Array.of(1, 3, 2, 3), 3)).toEqual([1, 3, 2]);
  expect(likeliest(Float32Array.of(1), 9)).toEqual([0]);
});

test('a float is printed by the fewest digits that read back as it', () => {
  expect(shortestFloat(Math.fround(0.1))).toBe(0.1);
  expect(shortestFloat(0)).toBe(0);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let i = 0; i < 20_000; i++) {
    bits[0] = Math.imul(i + 1, 2_654_435_761) >>> 0;
    if (!Number.isFinite(value[0])) continue;
    expect(Math.fround(shortestFloat(value[0]!))).toBe(value[0]);
  }
});
