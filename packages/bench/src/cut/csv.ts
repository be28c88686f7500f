/**
 * Tables as comma-separated values (RFC 4180); units stand in the names of the columns.
 */

/** Columns by name, with how to take them from a row. */
export type CsvColumns<Row> = Readonly<Record<string, (row: Row) => string | number | undefined>>;

/** A head and a line per row. A value that is not there is empty. */
export function csv<Row>(columns: CsvColumns<Row>, rows: readonly Row[]): string {
  const takes = Object.values(columns);
  const lines = rows.map((row) => takes.map((take) => cell(take(row))).join(','));
  return [Object.keys(columns).map(cell).join(','), ...lines, ''].join('\n');
}

function cell(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
