/**
 * Tables of text: columns two spaces apart, titles in the first line.
 */
import { maxOf } from '@wafer/core';

/** Lines of a table. A title that starts with `>` aligns its column to the right. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const isRight = titles.map((title) => title.startsWith('>'));
  const head = titles.map((title, i) => (isRight[i] ? title.slice(1) : title));
  const widths = head.map((title, i) =>
    maxOf(
      rows.map((row) => row[i]?.length ?? 0),
      title.length,
    ),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isRight[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
