/**
 * Writes an adapter into a slot of every tile that has a share of a matrix that it changes.
 *
 *     A [R/16][K][16], columns of the share        B [N/16][R][16], its rows, times alpha / r
 *
 * No answer comes of the slot while it is written: nobody goes through it, but for a request that
 * was aborted, in a step under way, whose rows are dropped. What follows in the engine, and every
 * step record behind it, sees all of it.
 */
import { setImmediate } from 'node:timers/promises';
import { assert, LOW_RANK_PANEL, lowRankBytes } from '@wafer/core';
import type { AdapterShare, Plan } from '@wafer/core';
import { readChanges } from '@wafer/models';
import type { OpenAdapter, ChangeValues } from '@wafer/models';

/** Memories of the tiles, by index. */
export type TileMemories = ReadonlyMap<number, { readonly buffer: ArrayBufferLike }>;

/**
 * Fills slot `slot`, from 0 on; between matrices the caller's thread is free.
 * Throws: TENSOR_NOT_FINITE, MODEL_UNREADABLE.
 */
export async function placeAdapter(
  plan: Plan,
  memories: TileMemories,
  { adapter, slot }: { adapter: OpenAdapter; slot: number },
): Promise<void> {
  const shares = Map.groupBy(
    plan.tiles.flatMap(({ index, adapters }) => adapters.map((share) => ({ index, share }))),
    ({ share }) => share.tensor,
  );
  for (const { index, share } of [...shares.values()].flat()) {
    usedOf(memories, index, share)[slot] = 0;
  }
  for (const [tensor, change] of readChanges(adapter)) {
    const places = shares.get(tensor);
    assert(places !== undefined, 'an adapter changes what has slots', { tensor });
    for (const { index, share } of places) {
      const memory = memories.get(index)!.buffer;
      writeInputs(memory, share, { slot, change });
      writeOutputs(memory, share, { slot, change });
      usedOf(memories, index, share)[slot] = 1;
    }
    await setImmediate();
  }
}

function usedOf(memories: TileMemories, tile: number, { place }: AdapterShare): Int32Array {
  return new Int32Array(memories.get(tile)!.buffer, place.used);
}

interface SlotUse {
  slot: number;
  change: ChangeValues;
}

/** A: the share's columns of each rank; ranks beyond the adapter's are zeros. */
function writeInputs(
  memory: ArrayBufferLike,
  share: AdapterShare,
  { slot, change }: SlotUse,
): void {
  const { place, columns } = share;
  const bytes = lowRankBytes(sizesOf(share), place.rank).a;
  const target = new Float32Array(memory, place.a + slot * bytes, bytes / 4).fill(0);
  const width = change.a.length / change.rank;
  for (let r = 0; r < change.rank; r++) {
    const panel = (r - (r % LOW_RANK_PANEL)) * columns.count + (r % LOW_RANK_PANEL);
    const source = r * width + columns.start;
    for (let k = 0; k < columns.count; k++) {
      target[panel + k * LOW_RANK_PANEL] = change.a[source + k]!;
    }
  }
}

/** B: the share's rows, times the factor, rounded once. */
function writeOutputs(
  memory: ArrayBufferLike,
  share: AdapterShare,
  { slot, change }: SlotUse,
): void {
  const { place, rows } = share;
  const bytes = lowRankBytes(sizesOf(share), place.rank).b;
  const target = new Float32Array(memory, place.b + slot * bytes, bytes / 4).fill(0);
  for (let n = 0; n < rows.count; n++) {
    const panel = (n - (n % LOW_RANK_PANEL)) * place.rank + (n % LOW_RANK_PANEL);
    const source = (rows.start + n) * change.rank;
    for (let r = 0; r < change.rank; r++) {
      target[panel + r * LOW_RANK_PANEL] = change.b[source + r]! * change.scale;
    }
  }
}

function sizesOf({ rows, columns }: AdapterShare): { rows: number; columns: number } {
  return { rows: rows.count, columns: columns.count };
}
