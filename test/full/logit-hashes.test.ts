/**
 * Bits have not changed since the table of hashes was made: all its cells.
 *
 * Where chips are joined, threads run them; the rest runs the same engine, tiles and kernels on one
 * thread, as two thirds of a wafer's time here went into starts. `npm test` has every tenth cell
 * with threads, whatever its layout.
 */
import { expect, test } from 'vitest';
import { hashCells, hashOf, hashOnOneThread } from '../golden/logit-hashes.ts';
import table from '../golden/logit-hashes.json' with { type: 'json' };

test.each(hashCells())('$name', async (cell) => {
  const known = (table as Record<string, string>)[cell.name];
  expect(known, 'no hash yet: run node test/golden/make-logit-hashes.ts').toBeDefined();
  const hash = cell.layout.dice === undefined ? hashOnOneThread(cell) : hashOf(cell);
  expect(await hash).toBe(known);
});
