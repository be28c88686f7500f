/**
 * Every family in both formats and every weight type, against double precision and on layouts.
 *
 *     npm run families      prints the table: the worst difference of a logit in each cell
 */
import { afterAll, expect, test } from 'vitest';
import { FAMILY_NAMES, FORMATS, hasCell, proveCell, TYPES } from './family-table.ts';
import type { Cell } from './family-table.ts';

const columns = FORMATS.flatMap((format) => TYPES.map((type) => ({ format, type })));
const cells: Cell[] = FAMILY_NAMES.flatMap((family) =>
  columns.map(({ format, type }) => ({ family, format, type })).filter(hasCell),
);
const worst = new Map<string, number>();

function keyOf({ family, format, type }: Cell): string {
  return `${family}|${format}|${type}`;
}

test.each(cells)('$family, $format, $type', async (cell) => {
  worst.set(keyOf(cell), await proveCell(cell));
});

test('the table has all its cells', () => {
  expect([...worst.keys()]).toEqual(cells.map(keyOf));
});

afterAll(() => {
  const shown = columns.filter((column) => cells.some((cell) => isColumn(cell, column)));
  const head = ['', ...shown.map(({ format, type }) => `${format} ${type}`)];
  const rows = FAMILY_NAMES.map((family) => [
    family,
    ...shown.map((column) => worst.get(keyOf({ family, ...column }))?.toExponential(1) ?? '-'),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  process.stdout.write(`\nworst difference of a logit\n\n${lines.join('\n')}\n`);
});

function isColumn(cell: Cell, { format, type }: Omit<Cell, 'family'>): boolean {
  return cell.format === format && cell.type === type;
}
