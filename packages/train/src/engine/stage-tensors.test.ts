import { expect, test } from 'vitest';
import { evenRuns } from './stage-tensors.ts';

test('runs are cut where the dearest is as cheap as can be, and none is empty', () => {
  expect(evenRuns([1, 1, 1, 1, 1, 1, 9], 2)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  expect(evenRuns([4, 4, 4, 4, 4, 4, 8], 2)).toEqual([0, 0, 0, 0, 1, 1, 1]);
  expect(evenRuns([1, 1, 1, 1], 3)).toEqual([0, 1, 2, 2]);
  expect(evenRuns([0, 0, 5], 3)).toEqual([0, 1, 2]);
  expect(evenRuns([3, 1, 2], 1)).toEqual([0, 0, 0]);
});
