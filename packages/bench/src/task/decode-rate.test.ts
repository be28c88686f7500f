import { expect, test } from 'vitest';
import { decodeRate } from './decode-rate.ts';

test('one sequence: tokens after the first, over the time since it', () => {
  expect(decodeRate([[100, 200, 300, 400]])).toBe(10);
});

test('only the time in which all sequences decode counts', () => {
  const early = [0, 100, 200, 300, 400];
  const late = [200, 300, 400, 500, 600];
  expect(decodeRate([early, late])).toBe(20); // 300, 400 of both in 200 ms
  expect(decodeRate([early, [200, 400, 600]])).toBe(15);
});

test('sequences that never meet count as a whole', () => {
  expect(
    decodeRate([
      [0, 100],
      [200, 300],
    ]),
  ).toBeCloseTo(2 / 0.3);
});

test('a rate needs two tokens of each sequence', () => {
  expect(() => decodeRate([[0, 1], [2]])).toThrow(/sequences decode/);
});
