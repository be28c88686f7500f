/**
 * The control words that tiles and engine share: at the start of each SRAM, a line per channel.
 *
 * Tile header, 128 bytes at address 0:
 *
 *   0  u32 published   step records written by the engine     4  u32 consumed   steps finished
 *   64 f64 computeNs   72 f64 sendNs   80 f64 waitNs   88 f64 idleNs (between steps)
 *   96 f64 expertRows  rows computed by experts of this tile
 *   104 u32 place      number of its instruction over all programs, from 1; 0 between steps
 *   108 u32 blockedOn  channel it waits for, plus 1; 0 if for none
 *
 * Channel line, 64 bytes in the receiver's SRAM:
 *
 *   0  u32 pushed   messages published by the sender          4  u32 popped   windows given back
 *   8  u32 rows     rows of the newest message                12 u32 sequence of the newest message
 *   16 f64 messages   24 f64 payloadBytes   32 f64 overheadBytes   40 f64 waitNs
 *
 * Counters of messages wrap at 2^32; only their difference is used.
 */

export const TILE_HEADER_BYTES = 128;
export const CHANNEL_LINE_BYTES = 64;

/** Byte offsets in the tile header. */
export const TILE_HEADER = {
  published: 0,
  consumed: 4,
  computeNs: 64,
  sendNs: 72,
  waitNs: 80,
  idleNs: 88,
  expertRows: 96,
  place: 104,
  blockedOn: 108,
} as const;

/** Byte offsets in a channel's line. */
export const CHANNEL_LINE = {
  pushed: 0,
  popped: 4,
  rows: 8,
  sequence: 12,
  messages: 16,
  payloadBytes: 24,
  overheadBytes: 32,
  waitNs: 40,
} as const;
