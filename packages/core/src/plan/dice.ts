/**
 * Dicing: cutting the grid into chips. A property of a run, not of the plan: channels that cross a
 * kerf are carried by a link, programs do not change.
 *
 *   --dice 2x1 on a 4x2 grid      chip 0 │ chip 1
 *                                 0  1   │  2  3
 *                                 4  5   │  6  7
 *
 *   --dice x1,y1 on the same      one kerf before column 1, one before row 1: four chips
 */
import { WaferError } from '../errors.ts';
import { gridName, parseGrid, tilePosition } from './grid.ts';
import type { Grid } from './grid.ts';
import { splitEvenly } from './shard.ts';
import type { Range } from './shard.ts';

/** Which chip each tile is on. */
export interface Dice {
  chips: Grid;
  /** Chip of each tile, row by row like tiles. */
  chipOf: number[];
}

const KERFS = /^[xy]\d+(,[xy]\d+)*$/;

/** Whether a cut is written as kerfs: `x1,x3,y1`, before columns 1 and 3 and before row 1. */
export function isKerfs(text: string): boolean {
  return KERFS.test(text);
}

/** Cuts a grid into chips across × chips down, or along kerfs. Throws: PLAN_OPTION. */
export function diceGrid(grid: Grid, text: string): Dice {
  const { columns, rows } = isKerfs(text) ? alongKerfs(grid, text) : evenly(grid, text);
  const chips = { width: columns.length, height: rows.length };
  const partOf = (parts: readonly Range[], place: number): number =>
    parts.findIndex(({ start, count }) => place >= start && place < start + count);
  const chipOf = Array.from({ length: grid.width * grid.height }, (_, tile) => {
    const { x, y } = tilePosition(grid, tile);
    return partOf(rows, y) * chips.width + partOf(columns, x);
  });
  return { chips, chipOf };
}

interface Parts {
  columns: Range[];
  rows: Range[];
}

function evenly(grid: Grid, text: string): Parts {
  const chips = parseGrid(text);
  if (chips.width > grid.width || chips.height > grid.height) {
    const expected = `at most ${gridName(grid)}, the grid`;
    throw new WaferError('PLAN_OPTION', { option: 'dice', value: text, expected });
  }
  const columns = splitEvenly(grid.width, chips.width);
  return { columns, rows: splitEvenly(grid.height, chips.height) };
}

function alongKerfs(grid: Grid, text: string): Parts {
  const kerfs = text.split(',');
  const partsOf = (axis: 'x' | 'y', length: number): Range[] => {
    const own = kerfs.filter((kerf) => kerf.startsWith(axis)).map((kerf) => Number(kerf.slice(1)));
    const starts = [0, ...new Set(own)].toSorted((a, b) => a - b);
    if (own.some((start) => start < 1 || start >= length)) {
      const expected = `kerfs of ${axis} from 1 to ${length - 1}, inside the grid`;
      throw new WaferError('PLAN_OPTION', { option: 'dice', value: text, expected });
    }
    return starts.map((start, i) => ({ start, count: (starts[i + 1] ?? length) - start }));
  };
  return { columns: partsOf('x', grid.width), rows: partsOf('y', grid.height) };
}
