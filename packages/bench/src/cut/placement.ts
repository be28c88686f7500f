/**
 * Where a plan puts things, as a picture needs it: each tile's layers and what its SRAM holds.
 */
import { bytesOf } from '@wafer/core';
import type { Plan, Range } from '@wafer/core';

/** What fills the SRAM of a tile, bytes. */
export interface SramFill {
  weights: number;
  kv: number;
  activations: number;
  /** Records, control lines, scratch, gaps. */
  other: number;
}

export interface Placement {
  grid: { width: number; height: number };
  chipOf: readonly number[];
  sramBytesMax: number;
  tiles: { stage: number; layers: Range; shardCount: number; fill: SramFill }[];
}

/** The placement of a plan. */
export function placementOf(plan: Plan, chipOf: readonly number[]): Placement {
  const { grid, sramBytesMax } = plan.options;
  const tiles = plan.tiles.map(({ stage, layers, shards, buffers, sramBytes }) => {
    const weights = bytesOf(buffers, 'shard') + bytesOf(buffers, 'constant');
    const kv = bytesOf(buffers, 'kv') + bytesOf(buffers, 'kv-windows');
    const activations = bytesOf(buffers, 'activations');
    const other = sramBytes - weights - kv - activations;
    return { stage, layers, shardCount: shards.length, fill: { weights, kv, activations, other } };
  });
  return { grid, chipOf, sramBytesMax, tiles };
}
