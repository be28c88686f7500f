/**
 * Which tile holds which experts of which layer, and how many bytes they take.
 *
 * Whole experts are a range of ids with all their rows; otherwise a tile has some rows, or columns
 * of `down`, of every expert.
 */
import { Table } from '@wafer/bench/common';
import type { Column, Line } from '@wafer/bench/common';
import { formatBytes } from '@wafer/core';
import type { NetworkTensor, Range, Shard, TilePlan } from '@wafer/core';

/** A tile's share of the experts of one layer. */
export interface ExpertShare {
  layer: number;
  experts: Range;
  /** Hidden columns that it computes of each. */
  hidden: Range;
  /** Outputs that it computes of each. */
  outputs: Range;
  /** Packed, biases included. */
  bytes: number;
}

/** A tile, and its share of each layer of experts. */
export interface TileExperts {
  x: number;
  y: number;
  experts: readonly ExpertShare[];
}

/** Tensors of a network by name. */
export type TensorsByName = ReadonlyMap<string, NetworkTensor>;

/** Shares of all layers of experts on a tile, in ascending layer. */
export function expertShares(tile: TilePlan, tensors: TensorsByName): ExpertShare[] {
  const byLayer = new Map<number, ExpertShare>();
  for (const shard of tile.shards) {
    const { kind, layer, expert } = tensors.get(shard.tensor)!;
    if (layer === undefined || expert === undefined) continue;
    const share = byLayer.get(layer) ?? emptyShare(layer, expert);
    byLayer.set(layer, share);
    share.bytes += shard.bytes;
    // Experts of a tile follow each other.
    share.experts.count = expert - share.experts.start + 1;
    if (!shard.isVector) addRows(share, shard, kind);
  }
  return [...byLayer.values()].toSorted((a, b) => a.layer - b.layer);
}

function emptyShare(layer: number, firstExpert: number): ExpertShare {
  return {
    layer,
    experts: { start: firstExpert, count: 0 },
    hidden: { start: 0, count: 0 },
    outputs: { start: 0, count: 0 },
    bytes: 0,
  };
}

function addRows(share: ExpertShare, shard: Shard, kind: string): void {
  const rows = { start: shard.row, count: shard.rowCount };
  if (kind === 'experts.down') share.outputs = rows;
  else share.hidden = rows;
}

const COLUMNS: readonly Column[] = [
  { title: 'tile' },
  { title: 'layers' },
  { title: 'experts' },
  { title: 'hidden' },
  { title: 'outputs' },
  { title: 'a layer', align: 'right' },
  { title: 'experts in all', align: 'right' },
];

/** A table of tiles with experts, at most `rowsMax` rows; none without experts. */
export function expertLines(tiles: readonly TileExperts[], rowsMax: number): Line[] {
  const rows = tiles.flatMap(tileRows);
  if (rows.length === 0) return [];
  const left = rows.length - rowsMax;
  const more = left > 0 ? [`… and ${left} more`] : [];
  return ['', new Table(COLUMNS, rows.slice(0, rowsMax)), ...more];
}

/** One row for layers that are shared alike. */
function tileRows({ x, y, experts }: TileExperts): string[][] {
  const groups = new Map<string, ExpertShare[]>();
  for (const share of experts) {
    const { layer: _layer, ...rest } = share;
    const key = JSON.stringify(rest);
    groups.set(key, [...(groups.get(key) ?? []), share]);
  }
  return [...groups.values()].map((shares) => {
    const [first] = shares;
    return [
      `(${x},${y})`,
      runsText(shares.map(({ layer }) => layer)),
      rangeText(first!.experts),
      rangeText(first!.hidden),
      rangeText(first!.outputs),
      formatBytes(first!.bytes),
      formatBytes(first!.bytes * shares.length),
    ];
  });
}

/** `1-3,5` for 1, 2, 3, 5. */
function runsText(values: readonly number[]): string {
  const runs: Range[] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last && value === last.start + last.count) last.count++;
    else runs.push({ start: value, count: 1 });
  }
  return runs.map(rangeText).join(',');
}

/** Inclusive, as `0-143`. */
export function rangeText({ start, count }: Range): string {
  if (count === 0) return '-';
  return count === 1 ? String(start) : `${start}-${start + count - 1}`;
}
