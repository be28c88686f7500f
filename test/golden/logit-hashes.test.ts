/**
 * Every tenth hash of the table; `test/full/logit-hashes.test.ts` has them all.
 */
import { expect, test } from 'vitest';
import { hashCells, hashOf } from './logit-hashes.ts';
import table from './logit-hashes.json' with { type: 'json' };

const cells = hashCells();

test('the table has a hash of every cell and no other', () => {
  expect(Object.keys(table)).toEqual(cells.map(({ name }) => name));
});

test.each(cells.filter((_, i) => i % 10 === 3))('$name', async (cell) => {
  expect(await hashOf(cell)).toBe((table as Record<string, string>)[cell.name]);
});
