/**
 * Tables of text that know the width of what they are shown on.
 *
 *     fits           a table: columns two spaces apart, titles in the first line
 *     hardly fits    the same, titles and texts broken at spaces; numbers stay whole
 *     too wide       several tables below each other; each repeats the first columns, the key
 *     far too wide   one record per row: a name and a value in each line
 *
 * A table is laid out when it is written, by `linesOf`; as a string it has all the room it wants.
 */
import { stripVTControlCharacters } from 'node:util';
import { maxOf } from '@wafer/core';
import { cellsOf, fitting, padded } from './cells.ts';

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
        this.#rows.map((row) => cellsOf(row[i] ?? '')),
        cellsOf(title),
      ),
    );
    const indexes = widths.map((_, i) => i);
    const room = (list: readonly number[]): number =>
      list.reduce((sum, i) => sum + widths[i]! + GAP.length, -GAP.length);
    if (room(indexes) <= width) return this.#block(indexes, widths);
    const folded = this.#folded(widths, width);
    if (folded !== undefined) return folded;
    const key = indexes.slice(0, this.#keyCount);
    const rest = indexes.slice(this.#keyCount);
    const isNarrow = rest.some((i) => room([...key, i]) > width) || room(key) > width / 2;
    // Where two rows have one key, nothing would say which is which further down.
    const keys = new Set(this.#rows.map((row) => JSON.stringify(row.slice(0, this.#keyCount))));
    if (isNarrow || keys.size < this.#rows.length) return this.#records(width);
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
    const lines = (cells: readonly string[]): string[] => {
      const parts = indexes.map((i) => foldCell(cells[i] ?? '', widths[i]!, this.#indentOf(i)));
      return Array.from({ length: maxOf(parts.map(({ length }) => length)) }, (_, line) =>
        indexes
          .map((i, place) => {
            const cell = parts[place]![line] ?? '';
            const space = ' '.repeat(widths[i]! - cellsOf(cell));
            return this.#columns[i]!.align === 'right' ? space + cell : cell + space;
          })
          .join(GAP)
          .trimEnd(),
      );
    };
    return [this.#columns.map(({ title }) => title), ...this.#rows].flatMap(lines);
  }

  /** The table with its widest texts on a few lines each, if it fits so. */
  #folded(widths: readonly number[], width: number): string[] | undefined {
    const least = this.#columns.map(({ title, align }, i) => {
      const cells = this.#rows.map((row) => row[i] ?? '');
      const parts = [...(align === 'right' ? cells : cells.flatMap(wordsOf)), ...wordsOf(title)];
      return maxOf(parts.map(cellsOf)) + this.#indentOf(i).length;
    });
    const narrow = [...widths];
    let over = narrow.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - width;
    for (; over > 0; over--) {
      const spare = narrow.map((each, i) => (each > least[i]! ? each : 0));
      const widest = spare.indexOf(maxOf(spare));
      if (spare[widest] === 0) return undefined;
      narrow[widest]!--;
    }
    const linesIn = (row: readonly string[]): number =>
      maxOf(row.map((cell, i) => foldCell(cell, narrow[i]!, this.#indentOf(i)).length));
    const counts = [this.#columns.map(({ title }) => title), ...this.#rows].map(linesIn);
    const all = counts.reduce((sum, count) => sum + count, 0);
    const isShort = maxOf(counts) <= FOLDS_MAX && all <= FOLDS_MEAN_MAX * counts.length;
    return isShort ? this.#block([...narrow.keys()], narrow) : undefined;
  }

  /** The rest of a key stands to the right of where keys begin, so that it looks like none. */
  #indentOf(column: number): string {
    return column < this.#keyCount ? GAP : '';
  }

  #records(width: number): string[] {
    // What has no title goes with what names the row.
    const isHead = ({ title }: Column, i: number): boolean => i < this.#keyCount || title === '';
    const nameWidth = maxOf(
      this.#columns.map((column, i) => (isHead(column, i) ? 0 : cellsOf(column.title))),
    );
    return this.#rows.flatMap((row) => [
      ...wrapLine(
        row.filter((cell, i) => cell !== '' && isHead(this.#columns[i]!, i)).join(' · '),
        width,
      ),
      ...this.#columns.flatMap((column, i) => {
        const cell = row[i] ?? '';
        if (cell === '' || isHead(column, i)) return [];
        return wrapLine(`  ${padded(column.title, nameWidth)}${GAP}${cell}`, width);
      }),
    ]);
  }
}

/** More lines than this of a cell, or of all rows on average, and a table is hard to follow. */
const FOLDS_MAX = 4;
const FOLDS_MEAN_MAX = 2;

/** Words of a cell; a styled one is not parted, or its style would run into others. */
function wordsOf(cell: string): string[] {
  return stripVTControlCharacters(cell) === cell ? cell.split(' ') : [cell];
}

/** A cell in lines of at most `width`, which no word of it behind an indent is wider than. */
function foldCell(cell: string, width: number, indent: string): string[] {
  if (cellsOf(cell) <= width) return [cell];
  const [first = '', ...rest] = wordsOf(cell);
  const lines = [first];
  for (const word of rest) {
    const longer = `${lines.at(-1)} ${word}`;
    if (cellsOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines;
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
  if (width === Infinity || cellsOf(line) <= width) return [line];
  const [lead = ''] = /^ *(\S+( \S+)* {2,}(?=\S))?/.exec(line) ?? [];
  const leadCells = cellsOf(lead);
  const indent = ' '.repeat(leadCells <= width / 2 ? leadCells : 2);
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(lead.length).split(' ')) {
    const before = current === '' ? (lines.length === 0 ? lead : indent) : `${current} `;
    if (current !== '' && cellsOf(before + word) > width) {
      lines.push(current);
      current = indent + word;
    } else current = before + word;
    if (stripVTControlCharacters(current) !== current) continue;
    for (let room = roomOf(current, width); room < current.length; room = roomOf(current, width)) {
      const end = breakOf(current, { room, from: indent.length });
      lines.push(current.slice(0, end));
      current = indent + current.slice(end);
    }
  }
  return [...lines, current].map((each) => each.trimEnd());
}

/** How much of a line fits. */
function roomOf(line: string, width: number): number {
  return fitting(line, width).length;
}

/** Where a word that is too wide is broken: behind a comma, a colon or a slash, if it has one. */
function breakOf(line: string, { room, from }: { room: number; from: number }): number {
  const ends = [',', ':', '/'].map((mark) => line.lastIndexOf(mark, room - 1) + 1);
  // Where not even one character fits, it is written all the same.
  return ends.find((end) => end > from + 1) ?? Math.max(room, from + 1);
}

/** Lines of a name and a value, values under each other. */
export function fieldLines(fields: readonly (readonly [string, string])[]): string[] {
  const width = maxOf(fields.map(([name]) => cellsOf(name)));
  return fields.map(([name, value]) => `${padded(name, width)}  ${value}`);
}
