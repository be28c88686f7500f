/**
 * Every family in both formats and every weight type, against double precision and on layouts.
 *
 *     npm run families      prints the table: the worst difference of a logit in each cell
 *     npm run test:full     f32 and q8_0 of every family, and every third cell of the rest
 */
import { afterAll, expect, test } from 'vitest';
import { FAMILY_NAMES, FORMATS, hasCell, proveCell, TYPES } from './family-table.ts';
import type { Cell } from './family-table.ts';

const columns = FORMATS.flatMap((format) => TYPES.map((type) => ({ format, type })));
// npm says which of its scripts runs; without one the table is whole.
const isPart = process.env['npm_lifecycle_event'] === 'test:full';
const cells: Cell[] = FAMILY_NAMES.flatMap((family, row) =>
  columns
    .filter(({ type }, i) => !isPart || type === 'f32' || type === 'q8_0' || (row + i) % 3 === 0)
    .map(({ format, type }) => ({ family, format, type }))
    .filter(hasCell),
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
  const shown = columns.filter((column) =>
    FAMILY_NAMES.some((family) => hasCell({ family, ...column })),
  );
  const head = ['', ...FAMILY_NAMES];
  const rows = shown.map((column) => [
    `${column.format} ${column.type}`,
    ...FAMILY_NAMES.map(
      (family) => worst.get(keyOf({ family, ...column }))?.toExponential(1) ?? '-',
    ),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  process.stdout.write(`\nworst difference of a logit\n\n${lines.join('\n')}\n`);
});
