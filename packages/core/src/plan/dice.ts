/**
 * Dicing: cutting the grid into chips. A property of a run, not of the plan: channels that cross a
 * kerf are carried by a link, programs do not change.
 *
 *   --dice 2x1 on a 4x2 grid      chip 0 │ chip 1
 *                                 0  1   │  2  3
 *                                 4  5   │  6  7
 */
import { WaferError } from '../errors.ts';
import { gridName, parseGrid, tilePosition } from './grid.ts';
import type { Grid } from './grid.ts';
import { splitEvenly } from './shard.ts';

/** Which chip each tile is on. */
export interface Dice {
  chips: Grid;
  /** Chip of each tile, row by row like tiles. */
  chipOf: number[];
}

/** Cuts a grid into chips across × chips down. Throws: PLAN_OPTION. */
export function diceGrid(grid: Grid, text: string): Dice {
  const chips = parseGrid(text);
  if (chips.width > grid.width || chips.height > grid.height) {
    const expected = `at most ${gridName(grid)}, the grid`;
    throw new WaferError('PLAN_OPTION', { option: 'dice', value: text, expected });
  }
  const columns = splitEvenly(grid.width, chips.width);
  const rows = splitEvenly(grid.height, chips.height);
  const partOf = (parts: typeof columns, place: number): number =>
    parts.findIndex(({ start, count }) => place >= start && place < start + count);
  const chipOf = Array.from({ length: grid.width * grid.height }, (_, tile) => {
    const { x, y } = tilePosition(grid, tile);
    return partOf(rows, y) * chips.width + partOf(columns, x);
  });
  return { chips, chipOf };
}
