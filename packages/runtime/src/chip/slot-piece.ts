/**
 * A piece of a part of an adapter's slot, as it travels from the parent to a chip:
 *
 *     i32 id · tile · share · part · slot · offset in the part │ bytes, up to a piece's length
 *
 * Each says where it belongs, so that a chip needs to remember nothing between two of them.
 */
import { PIECE_BYTES } from './protocol.ts';

export const SLOT_HEAD = { id: 0, tile: 1, share: 2, part: 3, slot: 4, offset: 5 } as const;
export const SLOT_HEAD_BYTES: number = 4 * Object.keys(SLOT_HEAD).length;

/** Bytes of a part that one piece carries. */
export const SLOT_PIECE_BYTES: number = PIECE_BYTES - SLOT_HEAD_BYTES;
