/**
 * Slots of adapters in the tiles' SRAM, part by part: what a part is, where it lies, who fills it.
 *
 *     share of a matrix     used i32 [slots] · a [slots][R/16][K][16] · b [slots][N/16][R][16]
 *
 * Tiles of this process are written where they are; those of chips that are processes are sent
 * their parts (`chip/relay/slot-sender.ts`).
 */
import { assert, lowRankBytes } from '@wafer/core';
import type { AdapterShare, Plan } from '@wafer/core';

export const SLOT_PARTS = ['used', 'a', 'b'] as const;

/** One slot of one part of what a tile has of a matrix. */
export interface SlotPart {
  tile: number;
  /** Which of the tile's shares. */
  share: number;
  part: (typeof SLOT_PARTS)[number];
  /** From 0 on. */
  slot: number;
}

/** Where a part lies in its tile's SRAM. */
export interface SlotRange {
  address: number;
  bytes: number;
}

/** Writes all of a part to an address of a memory. */
export type WritePart = (memory: ArrayBufferLike, address: number) => void;

export interface AdapterSlots {
  /**
   * Fills a part. Parts of a tile are filled in the order of the calls; resolves when it lies in
   * the tile. Throws: what ended the wafer meanwhile.
   */
  fill(part: SlotPart, write: WritePart): Promise<void>;
}

/** Memories of the tiles, by index. */
type TileMemories = ReadonlyMap<number, { readonly buffer: ArrayBufferLike }>;

/** Slots of tiles whose memories are here. */
export function memorySlots(plan: Plan, memories: TileMemories): AdapterSlots {
  return {
    fill: async (part, write) => {
      const { address } = slotRange(plan, part);
      write(memories.get(part.tile)!.buffer, address);
    },
  };
}

export function slotRange(plan: Plan, { tile, share: at, part, slot }: SlotPart): SlotRange {
  const share = plan.tiles[tile]?.adapters[at];
  const { slots = 0 } = plan.options.adapters ?? {};
  assert(share !== undefined && slot < slots, 'a part is of a slot that is there', { tile, slot });
  const bytes = part === 'used' ? Int32Array.BYTES_PER_ELEMENT : sizesOf(share)[part];
  return { address: share.place[part] + slot * bytes, bytes };
}

function sizesOf({ rows, columns, place }: AdapterShare): { a: number; b: number } {
  return lowRankBytes({ rows: rows.count, columns: columns.count }, place.rank);
}
