/**
 * Tables of text that know the width of what they are shown on.
 *
 *     fits           columns two spaces apart, titles in the first line
 *     hardly fits    rows of one key under a line that names it; or titles and texts broken at
 *                    spaces, numbers whole
 *     too wide       details in a table of their own below, or several tables below each other;
 *                    each repeats the first columns, the key
 *     far too wide   one record per row: its key, then names and values
 *
 * Details of many rows are left out then, and named in a last line.
 *
 * A column that is empty in all rows is not shown. A table is laid out when it is written, by
 * `linesOf`; as a string it has all the room it wants.
 */
import { stripVTControlCharacters } from 'node:util';
import { append, assert, maxOf } from '@wafer/core';
import { cellsOf, padded, wrapLine } from './cells.ts';

export interface Column {
  title: string;
  /** Default: left. */
  align?: 'left' | 'right';
  /** Goes first where not all fits. */
  isDetail?: boolean;
}

/** A line of text, or a table. */
export type Line = string | Table;

const GAP = '  ';
const INDENT = '  ';

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
    // In a table that is parted, nothing would say what such a column is.
    for (const { title } of columns) assert(title !== '', 'each column has a title', { columns });
    this.#columns = columns;
    this.#rows = rows;
    this.#keyCount = keyCount;
  }

  toString(): string {
    return this.lines(Infinity).join('\n');
  }

  /** No line is wider than `width`, but for a single word that is. */
  lines(width: number): string[] {
    const all = this.#with((_, i) => this.#rows.some((row) => (row[i] ?? '') !== ''));
    const whole = all.#fitted(width);
    if (whole !== undefined) return whole;
    const main = all.#with(({ isDetail }) => isDetail !== true);
    const details = all.#with(({ isDetail }) => isDetail === true);
    const above = main.#tabled(width);
    if (details.#columns.length === details.#keyCount) return above ?? main.#records(width);
    if (above === undefined) {
      const records = all.#records(width);
      if (records.length <= DETAIL_LINES_MAX) return records;
    } else {
      const below = details.#fitted(width) ?? details.#split(width);
      if (below !== undefined && below.length <= DETAIL_LINES_MAX) return [...above, '', ...below];
    }
    const titles = details.#columns.slice(details.#keyCount).map(({ title }) => title);
    const leftOut = `left out, for want of width: ${titles.join(', ')}`;
    return [...(above ?? main.#records(width)), ...wrapLine(leftOut, width)];
  }

  /** One table, if it can be read so. */
  #fitted(width: number): string[] | undefined {
    return this.#plain(width) ?? this.#grouped(width) ?? this.#folded(width, FOLDS_FEW)?.flat();
  }

  /** Any table that is none of records. */
  #tabled(width: number): string[] | undefined {
    return this.#fitted(width) ?? this.#folded(width, FOLDS_MANY)?.flat() ?? this.#split(width);
  }

  /** A table of the key and some of the other columns. */
  #with(isWanted: (column: Column, index: number) => boolean): Table {
    const wanted = (_: unknown, i: number): boolean =>
      i < this.#keyCount || isWanted(this.#columns[i]!, i);
    const rows = this.#rows.map((row) => row.filter(wanted));
    return new Table(this.#columns.filter(wanted), rows, { keyCount: this.#keyCount });
  }

  /** Cells of each column. */
  #widths(): number[] {
    return this.#columns.map(({ title }, i) =>
      maxOf(
        this.#rows.map((row) => cellsOf(row[i] ?? '')),
        cellsOf(title),
      ),
    );
  }

  #plain(width: number): string[] | undefined {
    const widths = this.#widths();
    return roomOf(widths) <= width ? this.#block(widths).flat() : undefined;
  }

  /** Rows whose keys begin alike, under a line that says how: if they are, and that fits. */
  #grouped(width: number): string[] | undefined {
    for (let count = 1; count < this.#keyCount; count++) {
      const keys = this.#rows.map((row) => JSON.stringify(row.slice(0, count)));
      const isFirst = keys.map((key, i) => key !== keys[i - 1]);
      if (2 * isFirst.filter(Boolean).length > keys.length) return undefined;
      const columns = this.#columns.slice(count);
      const rows = this.#rows.map((row) => row.slice(count));
      const rest = new Table(columns, rows, { keyCount: this.#keyCount - count });
      const widths = rest.#widths();
      const room = width - INDENT.length;
      const block = roomOf(widths) <= room ? rest.#block(widths) : rest.#folded(room, FOLDS_FEW);
      if (block === undefined) continue;
      const [titles = [], ...parts] = block.map((lines) => lines.map((line) => INDENT + line));
      const named = (part: string[], i: number): string[] =>
        isFirst[i] ? [...headLines(this.#headOf(i, count), width), ...part] : part;
      return [...titles, ...parts.flatMap(named)];
    }
    return undefined;
  }

  /** The first `count` cells of a row in words; a number is nothing without its title. */
  #headOf(row: number, count: number): string[] {
    return this.#rows[row]!.slice(0, count).flatMap((cell, i) => {
      const { align, title } = this.#columns[i]!;
      return cell === '' ? [] : [align === 'right' ? `${title} ${cell}` : cell];
    });
  }

  /** Lines of the titles, then of each row. */
  #block(widths: readonly number[]): string[][] {
    return [this.#columns.map(({ title }) => title), ...this.#rows].map((cells) => {
      const parts = widths.map((width, i) => foldCell(cells[i] ?? '', width, this.#indentOf(i)));
      return Array.from({ length: maxOf(parts.map(({ length }) => length)) }, (_, line) =>
        widths
          .map((width, i) => {
            const cell = parts[i]![line] ?? '';
            const space = ' '.repeat(width - cellsOf(cell));
            return this.#columns[i]!.align === 'right' ? space + cell : cell + space;
          })
          .join(GAP)
          .trimEnd(),
      );
    });
  }

  /** The table with its widest texts on a few lines each, if it fits so. */
  #folded(width: number, meanMax: number): string[][] | undefined {
    const least = this.#columns.map(({ title, align }, i) => {
      const cells = this.#rows.map((row) => row[i] ?? '');
      const parts = [...(align === 'right' ? cells : cells.flatMap(wordsOf)), ...wordsOf(title)];
      return maxOf(parts.map(cellsOf)) + this.#indentOf(i).length;
    });
    const narrow = this.#widths();
    // A title on two lines costs less than texts.
    const texts = least.map((each, i) =>
      maxOf(
        this.#rows.map((row) => cellsOf(row[i] ?? '')),
        each,
      ),
    );
    for (let over = roomOf(narrow) - width; over > 0; over--) {
      const isTitle = narrow.some((each, i) => each > texts[i]!);
      const spare = narrow.map((each, i) => (each > (isTitle ? texts : least)[i]! ? each : 0));
      const widest = spare.indexOf(maxOf(spare));
      if (spare[widest] === 0) return undefined;
      narrow[widest]!--;
    }
    const block = this.#block(narrow);
    const counts = block.map(({ length }) => length);
    const isShort = maxOf(counts) <= FOLDS_MAX && block.flat().length <= meanMax * counts.length;
    return isShort ? block : undefined;
  }

  /** The rest of a key stands to the right of where keys begin, so that it looks like none. */
  #indentOf(column: number): string {
    return column < this.#keyCount ? INDENT : '';
  }

  /** A few tables with the key of this one, if it leaves room beside it and names each row. */
  #split(width: number): string[] | undefined {
    const widths = this.#widths();
    const key = roomOf(widths.slice(0, this.#keyCount));
    const rest = widths.slice(this.#keyCount);
    // Where two rows have one key, nothing would say which is which further down.
    const keys = new Set(this.#rows.map((row) => JSON.stringify(row.slice(0, this.#keyCount))));
    const isNarrow = key > width / 2 || rest.some((each) => key + GAP.length + each > width);
    if (isNarrow || keys.size < this.#rows.length) return undefined;
    const tables: number[][] = [];
    let room = 0;
    for (const [i, each] of rest.entries()) {
      room -= each + GAP.length;
      if (room < 0) {
        tables.push([]);
        room = width - key - GAP.length - each;
      }
      tables.at(-1)!.push(i + this.#keyCount);
    }
    if (tables.length > TABLES_MAX) return undefined;
    return tables.flatMap((indexes, i) => {
      const part = this.#with((_, index) => indexes.includes(index));
      return [...(i > 0 ? [''] : []), ...part.#block(part.#widths()).flat()];
    });
  }

  /** Names and values of each row, as many in a line as fit. */
  #records(width: number): string[] {
    return this.#rows.flatMap((row, i) => {
      const fields = row.slice(this.#keyCount).flatMap((cell, at) => {
        const { title } = this.#columns[at + this.#keyCount]!;
        return cell === '' ? [] : [`${title}: ${cell}`];
      });
      const inside = joined(fields, width - INDENT.length).map((line) => INDENT + line);
      return [...headLines(this.#headOf(i, this.#keyCount), width), ...inside];
    });
  }
}

/** More lines than this of a cell, or of all rows on average, and a table is hard to follow. */
const FOLDS_MAX = 4;
const FOLDS_FEW = 1.4;
const FOLDS_MANY = 2;
/** Of one; records are shorter than more. */
const TABLES_MAX = 4;
/** Nobody reads more of what comes last. */
const DETAIL_LINES_MAX = 60;

/** Cells of a line with columns of these widths. */
function roomOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length);
}

/** What names rows; it goes on to the right of where names begin. */
function headLines(parts: readonly string[], width: number): string[] {
  const [first = '', ...rest] = joined(parts, width);
  return [first, ...rest.map((line) => INDENT + line)].flatMap((line) => wrapLine(line, width));
}

/** Lines of `part · part`; what is too wide for one goes on further to the right. */
function joined(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1)} · ${part}`;
    if (lines.length > 0 && cellsOf(longer) <= width) lines[lines.length - 1] = longer;
    else {
      const [first = '', ...rest] = wrapLine(part, width - INDENT.length);
      lines.push(first);
      append(
        lines,
        rest.map((line) => INDENT + line),
      );
    }
  }
  return lines;
}

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

/** A table. A title that starts with `>` aligns its column to the right, one in () is a detail. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: { keyCount?: number } = {},
): Table {
  const columns = titles.map((text): Column => {
    const [, detail, mark, title = ''] = /^(\()?(>)?(.*?)\)?$/.exec(text)!;
    return { title, align: mark ? 'right' : 'left', isDetail: detail !== undefined };
  });
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

/** Lines of a name and a value, values under each other. */
export function fieldLines(fields: readonly (readonly [string, string])[]): string[] {
  const width = maxOf(fields.map(([name]) => cellsOf(name)));
  return fields.map(([name, value]) => `${padded(name, width)}  ${value}`);
}
