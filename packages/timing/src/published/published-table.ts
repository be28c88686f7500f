/**
 * A published table as data: named columns and rows of text, as a CSV file holds them.
 *
 * A table is known by its columns, so that a file with the same columns and other rows is read as
 * the same table. Cells stay text until a predictor asks for a number; an absent cell is ''.
 */
import { WaferError } from '@wafer/core';

/** Cells of a row by column. */
export type PublishedRow = Readonly<Record<string, string>>;

export interface PublishedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly PublishedRow[];
}

/** A table of ours. Throws: PLAN_OPTION where a row has another number of cells. */
export function publishedTable(
  name: string,
  columns: readonly string[],
  text: string,
): PublishedTable {
  return { name, columns, rows: rowsOf(columns, readCsv(text)) };
}

/** A CSV file with a head line. Throws: PLAN_OPTION. */
export function readTable(text: string): Omit<PublishedTable, 'name'> {
  const [columns = [], ...lines] = readCsv(text);
  return { columns, rows: rowsOf(columns, lines) };
}

/** The number in a cell; NaN where it is absent. */
export function numberAt(row: PublishedRow, column: string): number {
  const cell = row[column] ?? '';
  return cell === '' ? Number.NaN : Number(cell);
}

/** The text of a cell; '' where it is absent. */
export function textAt(row: PublishedRow, column: string): string {
  return row[column] ?? '';
}

function rowsOf(columns: readonly string[], lines: readonly string[][]): PublishedRow[] {
  return lines.map((cells, index) => {
    if (cells.length === columns.length) {
      return Object.fromEntries(columns.map((column, place) => [column, cells[place]!]));
    }
    const expected = `${columns.length} cells in row ${index + 1}`;
    throw new WaferError('PLAN_OPTION', { option: 'table', value: cells.join(','), expected });
  });
}

/** Lines of cells; quoted cells may hold commas and doubled quotes. Empty lines are dropped. */
function readCsv(text: string): string[][] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) =>
      [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = '']) =>
        quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
      ),
    );
}
