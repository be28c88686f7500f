/**
 * Rows of a sweep as CSV, appended in the order of its points, so that a cut-off sweep goes on.
 */
import { existsSync } from 'node:fs';
import { appendFile, readFile, truncate } from 'node:fs/promises';
import type { SweepPoint, SweepRow } from '@wafer/timing';
import { UsageError } from '../failures/failures.ts';
import { checkWritable, writeOutput } from '../run-files.ts';

const POINT_COLUMNS = ['model', 'machine', 'type', 'context', 'batch', 'chunk'] as const;
const NUMBER_COLUMNS = [
  'tokensPerS',
  'lowTokensPerS',
  'highTokensPerS',
  'throughputTokensPerS',
  'joulesPerToken',
  'besideStepUs',
  'besideTtftMs',
] as const;
const COLUMNS = [...POINT_COLUMNS, 'chips', ...NUMBER_COLUMNS, 'refused'] as const;

/** The head line. */
export const SWEEP_HEAD: string = `${COLUMNS.join(',')}\n`;

/** A row as a line; numbers to 9 digits, text in quotes where it holds a comma. */
export function sweepLine(row: SweepRow): string {
  const cells = COLUMNS.map((column) => {
    const value = row[column];
    if (value === undefined) return '';
    if (typeof value === 'number') return String(Number(value.toPrecision(9)));
    return value.includes(',') ? `"${value}"` : value;
  });
  return `${cells.join(',')}\n`;
}

function rowOf(line: string, point: SweepPoint): SweepRow {
  const [chips, ...rest] = line.split(',').slice(POINT_COLUMNS.length);
  const numbers = NUMBER_COLUMNS.flatMap((column, place) =>
    rest[place] === '' ? [] : [[column, Number(rest[place])] as const],
  );
  const refused = rest.slice(NUMBER_COLUMNS.length).join(',').replaceAll('"', '');
  const found = { ...point, chips: Number(chips), ...Object.fromEntries(numbers) };
  return refused === '' ? found : { ...found, refused };
}

/**
 * Rows that a file holds of these points, from the first one on; a line that was cut off is taken
 * away. Without the file it is begun. Throws: usage where its lines are of other points,
 * OUTPUT_FAILED where it cannot be written.
 */
export async function openSweepFile(
  path: string,
  points: readonly SweepPoint[],
): Promise<SweepRow[]> {
  checkWritable(path);
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  if (text === '') {
    writeOutput(path, SWEEP_HEAD);
    return [];
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [head, ...lines] = whole.split('\n').slice(0, -1);
  const isOurs =
    `${head}\n` === SWEEP_HEAD &&
    lines.length <= points.length &&
    lines.every((line, i) => {
      const point = points[i]!;
      return line.startsWith(`${POINT_COLUMNS.map((column) => point[column]).join(',')},`);
    });
  if (!isOurs) throw new UsageError(`${path} holds another sweep; name another file, or remove it`);
  await truncate(path, Buffer.byteLength(whole));
  return lines.map((line, i) => rowOf(line, points[i]!));
}

/** More rows at the end of a file. */
export async function appendRows(path: string, rows: readonly SweepRow[]): Promise<void> {
  await appendFile(path, rows.map((row) => sweepLine(row)).join(''));
}
