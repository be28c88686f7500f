/**
 * How rows of matrices, heads and layers are shared out.
 *
 * Every split is a list of consecutive ranges, one per part, whose sizes differ by at most one
 * unit; parts beyond the units get an empty range.
 */

/** [start, start + count) of rows, columns, heads or layers. */
export interface Range {
  start: number;
  count: number;
}

/** Shares `count` things out over `parts`, in whole units; the last unit may be short. */
export function splitEvenly(count: number, parts: number, unit = 1): Range[] {
  const units = Math.ceil(count / unit);
  const ranges: Range[] = [];
  for (let part = 0; part < parts; part++) {
    // The first `units % parts` parts get one unit more.
    const before = Math.floor(units / parts) * part + Math.min(part, units % parts);
    const own = Math.floor(units / parts) + (part < units % parts ? 1 : 0);
    const start = Math.min(before * unit, count);
    ranges.push({ start, count: Math.min((before + own) * unit, count) - start });
  }
  return ranges;
}

/**
 * Shares rows out in kernel panels where there are enough of them, else in halves, quarters … of a
 * panel down to a row, so that every part holds its share of the matrix.
 */
export function splitRows(rows: number, parts: number, panelRows: number): Range[] {
  let unit = panelRows;
  while (unit > 1 && Math.ceil(rows / unit) < parts) unit /= 2;
  return splitEvenly(rows, parts, unit);
}

/** The range from the start of the first to the end of the last, of neighbors. */
export function joinRanges(ranges: readonly Range[]): Range {
  const start = ranges[0]?.start ?? 0;
  return { start, count: ranges.reduce((sum, range) => sum + range.count, 0) };
}
