import { expect, test } from 'vitest';
import { isNoisy, medianOf, quantileOf, ratioByRound, spreadOf, turnsOf } from './statistics.ts';

test('a spread is median, range and their share of the median', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3, relative: 1 });
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(() => spreadOf([])).toThrow(/values to summarize/);
});

test('a row is noisy beyond a fifth of its median', () => {
  expect(isNoisy(spreadOf([90, 100, 109]))).toBe(false);
  expect(isNoisy(spreadOf([90, 100, 111]))).toBe(true);
});

test('ratios are taken round by round, so that a busy round cancels out', () => {
  expect(ratioByRound([20, 2, 200], [10, 1, 100])).toMatchObject({ median: 2, relative: 0 });
  expect(() => ratioByRound([1], [1, 2])).toThrow(/pair up/);
});

test('everyone takes one turn in a round, another first in each', () => {
  const rounds = [0, 1, 2, 3].map((round) => turnsOf(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(turnsOf([], 1)).toEqual([]);
});

test('a quantile is a value that was there, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.5, 0.99, 1].map((share) => quantileOf(values, share))).toEqual([50, 99, 100]);
  expect(quantileOf([7], 0.5)).toBe(7);
  expect(() => quantileOf([], 0.5)).toThrow(/values to summarize/);
});
