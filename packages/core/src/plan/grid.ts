/**
 * The grid of tiles, the groups a pipeline cuts it into, and the routes between tiles.
 *
 * Tiles are numbered row by row: index = y * width + x. A group is a rectangle of tiles (or, where
 * stages do not divide a side of the grid, a run of consecutive tiles treated as one row). Messages
 * travel first along x, then along y, as on a wafer: from router to router, through no other tile.
 */
import { WaferError } from '../errors.ts';

export interface Grid {
  width: number;
  height: number;
}

/** Tiles that share the layers of one pipeline stage, in row-major order of the group. */
export interface Group {
  tiles: readonly number[];
  columns: number;
  rows: number;
}

/** The largest side of a grid. */
const SIDE_MAX = 256;

/** Reads `2x1` as two columns, one row. Throws: PLAN_OPTION. */
export function parseGrid(text: string): Grid {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(text.trim());
  const width = Number(match?.[1]);
  const height = Number(match?.[2]);
  const isSide = (side: number): boolean => side >= 1 && side <= SIDE_MAX;
  if (!isSide(width) || !isSide(height)) {
    const expected = `COLUMNSxROWS with 1 to ${SIDE_MAX} each, as 2x1`;
    throw new WaferError('PLAN_OPTION', { option: 'grid', value: JSON.stringify(text), expected });
  }
  return { width, height };
}

export function gridName(grid: Grid): string {
  return `${grid.width}x${grid.height}`;
}

export function tilePosition(grid: Grid, tile: number): { x: number; y: number } {
  return { x: tile % grid.width, y: Math.floor(tile / grid.width) };
}

/** The path of a tile in traces and errors. */
export function tileName(grid: Grid, tile: number): string {
  const { x, y } = tilePosition(grid, tile);
  return `Wafer.Tile[${x}][${y}]`;
}

/** Cuts the grid into one group per stage: bands of rows, else of columns, else runs of tiles. */
export function stageGroups(grid: Grid, stageCount: number): Group[] {
  const { width, height } = grid;
  const tileCount = width * height;
  const groups: Group[] = [];
  for (let stage = 0; stage < stageCount; stage++) {
    if (height % stageCount === 0) {
      const rows = height / stageCount;
      groups.push(rectangle(grid, { x: 0, y: stage * rows, columns: width, rows }));
    } else if (width % stageCount === 0) {
      const columns = width / stageCount;
      groups.push(rectangle(grid, { x: stage * columns, y: 0, columns, rows: height }));
    } else {
      const first = Math.floor((stage * tileCount) / stageCount);
      const end = Math.floor(((stage + 1) * tileCount) / stageCount);
      const tiles = Array.from({ length: end - first }, (_, i) => first + i);
      groups.push({ tiles, columns: tiles.length, rows: 1 });
    }
  }
  return groups;
}

function rectangle(
  grid: Grid,
  area: { x: number; y: number; columns: number; rows: number },
): Group {
  const tiles: number[] = [];
  for (let y = area.y; y < area.y + area.rows; y++) {
    for (let x = area.x; x < area.x + area.columns; x++) tiles.push(y * grid.width + x);
  }
  return { tiles, columns: area.columns, rows: area.rows };
}

/** One mesh link between the routers of neighboring tiles. */
export interface MeshLink {
  from: number;
  to: number;
}

/** The mesh links a message crosses from source to target, x first. */
export function routeLinks(grid: Grid, source: number, target: number): MeshLink[] {
  const links: MeshLink[] = [];
  let { x, y } = tilePosition(grid, source);
  const end = tilePosition(grid, target);
  const walk = (nextX: number, nextY: number): void => {
    links.push({ from: y * grid.width + x, to: nextY * grid.width + nextX });
    x = nextX;
    y = nextY;
  };
  while (x !== end.x) walk(x + Math.sign(end.x - x), y);
  while (y !== end.y) walk(x, y + Math.sign(end.y - y));
  return links;
}
