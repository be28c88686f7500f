/**
 * Tables of text that know the width of what they are shown on.
 *
 *     fits           a table: columns two spaces apart, titles in the first line
 *     too wide       several tables below each other; each repeats the first columns, the key
 *     far too wide   one record per row: a name and a value in each line
 *
 * A table is laid out when it is written, by `linesOf`; as a string it has all the room it wants.
 */
import { stripVTControlCharacters } from 'node:util';
import { maxOf } from '@wafer/core';

export interface Column {
  title: string;
  /** Default: left. */
  align?: 'left' | 'right';
}

/** A line of text, or a table. */
export type Line = string | Table;

const GAP = '  ';

export class Table {
  readonly #columns: readonly Column[];
  readonly #rows: readonly (readonly string[])[];
  readonly #keyCount: number;

  /** `keyCount` columns at the left name a row. */
  constructor(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    { keyCount = 1 }: { keyCount?: number } = {},
  ) {
    this.#columns = columns;
    this.#rows = rows;
    this.#keyCount = keyCount;
  }

  toString(): string {
    return this.lines(Infinity).join('\n');
  }

  /** No line is wider than `width`, but for a single word that is. */
  lines(width: number): string[] {
    const widths = this.#columns.map(({ title }, i) =>
      maxOf(
        this.#rows.map((row) => widthOf(row[i] ?? '')),
        widthOf(title),
      ),
    );
    const indexes = widths.map((_, i) => i);
    const room = (list: readonly number[]): number =>
      list.reduce((sum, i) => sum + widths[i]! + GAP.length, -GAP.length);
    if (room(indexes) <= width) return this.#block(indexes, widths);
    const key = indexes.slice(0, this.#keyCount);
    const rest = indexes.slice(this.#keyCount);
    const isNarrow = rest.some((i) => room([...key, i]) > width) || room(key) > width / 2;
    if (isNarrow) return this.#records(width);
    const blocks: number[][] = [];
    for (const i of rest) {
      const last = blocks.at(-1);
      if (last !== undefined && room([...key, ...last, i]) <= width) last.push(i);
      else blocks.push([i]);
    }
    return blocks.flatMap((block, i) => [
      ...(i > 0 ? [''] : []),
      ...this.#block([...key, ...block], widths),
    ]);
  }

  #block(indexes: readonly number[], widths: readonly number[]): string[] {
    const line = (cells: readonly string[]): string =>
      indexes
        .map((i) => {
          const cell = cells[i] ?? '';
          const space = ' '.repeat(widths[i]! - widthOf(cell));
          return this.#columns[i]!.align === 'right' ? space + cell : cell + space;
        })
        .join(GAP)
        .trimEnd();
    return [line(this.#columns.map(({ title }) => title)), ...this.#rows.map(line)];
  }

  #records(width: number): string[] {
    const key = this.#columns.slice(0, this.#keyCount);
    const rest = this.#columns.slice(this.#keyCount);
    const nameWidth = maxOf(rest.map(({ title }) => title.length));
    return this.#rows.flatMap((row) => [
      ...wrapLine(row.slice(0, key.length).filter(Boolean).join(' · '), width),
      ...rest.flatMap(({ title }, i) => {
        const cell = row[key.length + i] ?? '';
        if (cell === '') return [];
        return wrapLine(`  ${title.padEnd(nameWidth)}${GAP}${cell}`, width);
      }),
    ]);
  }
}

/** Lines of a table. A title that starts with `>` aligns its column to the right. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: { keyCount?: number } = {},
): Table {
  const columns = titles.map((title): Column =>
    title.startsWith('>') ? { title: title.slice(1), align: 'right' } : { title },
  );
  return new Table(columns, rows, options);
}

/** Below this, nothing of a line would be left beside its indent. */
const COLUMNS_MIN = 4;

/** Lines no wider than `width`, 4 at least; long ones go on under where their value begins. */
export function linesOf(lines: readonly Line[], width: number): string[] {
  const columns = Math.max(width, COLUMNS_MIN);
  return lines.flatMap((line) =>
    typeof line === 'string' ? wrapLine(line, columns) : line.lines(columns),
  );
}

/** Breaks a line at spaces. A word that is wider than a line is broken too. */
function wrapLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const [lead = ''] = /^ *(\S+( \S+)* {2,}(?=\S))?/.exec(line) ?? [];
  const indent = ' '.repeat(lead.length <= width / 2 ? lead.length : 2);
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(lead.length).split(' ')) {
    const before = current === '' ? (lines.length === 0 ? lead : indent) : `${current} `;
    if (current !== '' && widthOf(before + word) > width) {
      lines.push(current);
      current = indent + word;
    } else current = before + word;
    while (widthOf(current) > width && stripVTControlCharacters(current) === current) {
      const end = breakOf(current, { width, from: indent.length });
      lines.push(current.slice(0, end));
      current = indent + current.slice(end);
    }
  }
  return [...lines, current].map((each) => each.trimEnd());
}

/** Where a word that is too wide is broken: behind a comma, or a colon, if it has one there. */
function breakOf(line: string, { width, from }: { width: number; from: number }): number {
  const ends = [',', ':'].map((mark) => line.lastIndexOf(mark, width - 1) + 1);
  return ends.find((end) => end > from + 1) ?? width;
}

/** Cells on a terminal, without what only styles. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Lines of a name and a value, values under each other. */
export function fieldLines(fields: readonly (readonly [string, string])[]): string[] {
  const width = maxOf(fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
