/**
 * Puts a tile's shards in place: stored rows are read into the tile's scratch, some panels at a
 * time, and packed from there to where the plan wants them. No copy is kept.
 */
import { panelBytes, storedRowBytes, WaferError, WEIGHT_TYPES } from '@wafer/core';
import type { Shard, TilePlan } from '@wafer/core';
import type { Kernels } from '@wafer/kernels';
import type { ShardError, WeightReader } from '@wafer/models';
import type { MemoryPages } from '../huge-pages.ts';

/** What loading tells, and asks now and then. */
export interface LoadWatch {
  /** Bytes that are in place. */
  report(bytes: number): void;
  /** Whether to leave off: the start has failed elsewhere. */
  isStopped(): boolean;
}

/** Where shards go. */
interface LoadTarget {
  memory: ArrayBufferLike;
  kernels: Kernels;
  /** Default: plain pages. */
  hugePages?: MemoryPages | undefined;
}

/**
 * Loads all shards of a tile; what quantizing them cost, if any.
 * Throws: TENSOR_NOT_FINITE, and the reader's errors.
 */
export function loadShards(
  tile: TilePlan,
  target: LoadTarget,
  reader: WeightReader,
  watch: LoadWatch,
): ShardError[] {
  const errors: ShardError[] = [];
  for (const { address, count } of tile.ones) {
    new Float32Array(target.memory, address, count).fill(1);
  }
  for (const shard of tile.shards) {
    if (shard.isVector) loadVector(shard, target.memory, reader);
    else loadMatrix(shard, { ...target, staging: stagingOf(tile) }, reader, watch);
    watch.report(shard.bytes);
    const loss = reader.takeLoss();
    const { tensor, row, rowCount, column, columnCount } = shard;
    if (loss) errors.push({ tensor, row, rowCount, column, columnCount, ...loss });
  }
  return errors;
}

/** Where stored rows wait to be packed. */
interface Staging {
  address: number;
  bytes: number;
}

function stagingOf({ scratch, scratchBytes }: TilePlan): Staging {
  return { address: scratch, bytes: scratchBytes };
}

function loadVector(shard: Shard, memory: ArrayBufferLike, reader: WeightReader): void {
  const values = reader.readVector(shard.tensor);
  const own = values.subarray(shard.column, shard.column + shard.columnCount);
  new Float32Array(memory, shard.address, shard.columnCount).set(own);
}

function loadMatrix(
  shard: Shard,
  target: LoadTarget & { staging: Staging },
  reader: WeightReader,
  watch: LoadWatch,
): void {
  const { tensor, type, row, rowCount, column, columnCount } = shard;
  const { panelRows } = WEIGHT_TYPES[type];
  const rowBytes = storedRowBytes(type, columnCount);
  const bytes = panelBytes(type, columnCount);
  const pack = target.kernels.pack[type];
  const { address: staging, bytes: stagingBytes } = target.staging;
  // As many panels as there is room for: a read is a call of the system, however little it reads.
  const rowsAtOnce = Math.max(1, Math.floor(stagingBytes / (panelRows * rowBytes))) * panelRows;
  let address = shard.address;
  for (let first = 0; first < rowCount; first += rowsAtOnce) {
    if (watch.isStopped()) return;
    const count = Math.min(rowsAtOnce, rowCount - first);
    const stored = new Uint8Array(target.memory, staging, count * rowBytes);
    reader.readRows(tensor, { row: row + first, rowCount: count, column, columnCount }, stored);
    for (let panel = 0; panel < count; panel += panelRows) {
      const rows = Math.min(panelRows, count - panel);
      target.hugePages?.fill(address, bytes);
      if (pack(address, staging + panel * rowBytes, rowBytes, rows, columnCount) !== 0) {
        throw new WaferError('TENSOR_NOT_FINITE', { tensor });
      }
      address += bytes;
    }
  }
}
