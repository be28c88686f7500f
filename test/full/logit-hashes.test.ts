/**
 * Bits have not changed since the table of hashes was made: all its cells.
 */
import { expect, test } from 'vitest';
import { hashCells, hashOf } from '../golden/logit-hashes.ts';
import table from '../golden/logit-hashes.json' with { type: 'json' };

test.each(hashCells())('$name', async (cell) => {
  const known = (table as Record<string, string>)[cell.name];
  expect(known, 'no hash yet: run node test/golden/make-logit-hashes.ts').toBeDefined();
  expect(await hashOf(cell)).toBe(known);
});
