import { expect, test } from 'vitest';
import { isNoisy, medianOf, ratioByRound, spreadOf, turnsOf } from './statistics.ts';

test('a spread is median, range and their share of the median', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3, relative: 1 });
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(() => spreadOf([])).toThrow(/values to summarise/);
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
