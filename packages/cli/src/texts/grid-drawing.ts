/**
 * Draws a grid of tiles in text: each cell names its stage, kerfs are double lines.
 *
 *   ┌────┬────╥────┬────┐
 *   │ s0 │ s0 ║ s1 │ s1 │
 *   ├────┼────╫────┼────┤
 *   │ s0 │ s0 ║ s1 │ s1 │
 *   └────┴────╨────┴────┘
 *
 * A grid too wide for that is drawn with one character per tile, without lines between neighbors;
 * what does not even fit so is cut off, and the last line says so.
 */
import { maxOf } from '@wafer/core';
import type { Grid } from '@wafer/core';

export interface Drawing {
  grid: Grid;
  /** By tile. */
  stageOf: readonly number[];
  /** By tile. */
  chipOf: readonly number[];
  /** Room, in characters. */
  columns: number;
}

const ROWS_BOXED_MAX = 16;
const ROWS_MAX = 32;

/** Lines of the drawing. */
export function drawGrid(drawing: Drawing): string[] {
  const { grid, stageOf, columns } = drawing;
  const labelWidth = `s${maxOf(stageOf)}`.length + 2;
  const isBoxed = grid.width * (labelWidth + 1) + 1 <= columns && grid.height <= ROWS_BOXED_MAX;
  return isBoxed ? drawBoxes(drawing, labelWidth) : drawCharacters(drawing);
}

// ---- boxes

/** Where four lines meet: whether the vertical and the horizontal one are kerfs. */
interface Corner {
  isVerticalKerf: boolean;
  isHorizontalKerf: boolean;
}

/** Corner characters: neither, vertical, horizontal, both are kerfs. */
const CORNERS = {
  topLeft: '┌┌┌┌',
  top: '┬╥┬╥',
  topRight: '┐┐┐┐',
  left: '├├╞╞',
  inner: '┼╫╪╬',
  right: '┤┤╡╡',
  bottomLeft: '└└└└',
  bottom: '┴╨┴╨',
  bottomRight: '┘┘┘┘',
} as const;

function drawBoxes({ grid, stageOf, chipOf }: Drawing, labelWidth: number): string[] {
  const { width, height } = grid;
  const isKerfAfter = (x: number): boolean => x + 1 < width && chipOf[x] !== chipOf[x + 1];
  const isKerfBelow = (y: number): boolean =>
    y + 1 < height && chipOf[y * width] !== chipOf[(y + 1) * width];
  const rule = (y: number): string => {
    const isKerf = y >= 0 && isKerfBelow(y);
    let line = corner(placeOf(-1, y, grid), { isVerticalKerf: false, isHorizontalKerf: isKerf });
    for (let x = 0; x < width; x++) {
      line += (isKerf ? '═' : '─').repeat(labelWidth);
      const lines = { isVerticalKerf: isKerfAfter(x), isHorizontalKerf: isKerf };
      line += corner(placeOf(x, y, grid), lines);
    }
    return line;
  };
  const lines = [rule(-1)];
  for (let y = 0; y < height; y++) {
    let line = '│';
    for (let x = 0; x < width; x++) {
      line += ` s${stageOf[y * width + x] ?? ''}`.padEnd(labelWidth);
      line += isKerfAfter(x) ? '║' : '│';
    }
    lines.push(line, rule(y));
  }
  return lines;
}

function corner(place: keyof typeof CORNERS, lines: Corner): string {
  const index = (lines.isVerticalKerf ? 1 : 0) + (lines.isHorizontalKerf ? 2 : 0);
  return CORNERS[place].charAt(index);
}

/** Which corner lies right of column x and below row y. */
function placeOf(x: number, y: number, { width, height }: Grid): keyof typeof CORNERS {
  const isLeft = x < 0;
  const isRight = x === width - 1;
  if (y < 0) return isLeft ? 'topLeft' : isRight ? 'topRight' : 'top';
  if (y === height - 1) return isLeft ? 'bottomLeft' : isRight ? 'bottomRight' : 'bottom';
  return isLeft ? 'left' : isRight ? 'right' : 'inner';
}

// ---- one character per tile

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

function drawCharacters({ grid, stageOf, chipOf, columns }: Drawing): string[] {
  const lines: string[] = [];
  const shown = { width: 0, height: Math.min(grid.height, ROWS_MAX) };
  for (let y = 0; y < shown.height; y++) {
    let line = '';
    let kerf = '';
    let x = 0;
    for (; x < grid.width && line.length + 2 <= columns; x++) {
      const tile = y * grid.width + x;
      const isLast = x + 1 === grid.width;
      const isKerf = !isLast && chipOf[tile] !== chipOf[tile + 1];
      line += DIGITS.charAt((stageOf[tile] ?? 0) % DIGITS.length) + (isKerf ? '║' : '');
      kerf += isKerf ? '═╬' : '═';
    }
    shown.width = x;
    lines.push(line);
    const below = y + 1 < shown.height ? chipOf[(y + 1) * grid.width] : chipOf[y * grid.width];
    if (below !== chipOf[y * grid.width]) lines.push(kerf);
  }
  if (shown.width < grid.width || shown.height < grid.height) {
    lines.push(`… of ${grid.width}x${grid.height} the first ${shown.width}x${shown.height}`);
  }
  return lines;
}
