import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns are as wide as their widest cell, numbers to the right', () => {
  expect(
    table(
      ['what', '>ms'],
      [
        ['a', '1'],
        ['longer', '123'],
      ],
    ),
  ).toEqual(['what     ms', 'a         1', 'longer  123']);
});
