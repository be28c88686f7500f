/**
 * Reads the counters that tiles and channels keep in SRAM; safe at any time, from any thread.
 */
import { CHANNEL_LINE, TILE_HEADER } from '@wafer/core';
import type { Plan } from '@wafer/core';

/** Counters of one channel since the start. */
export interface ChannelCounters {
  channel: number;
  messages: number;
  payloadBytes: number;
  /** Headers and packing; none in shared memory. */
  overheadBytes: number;
  /** Wall time its receiver was blocked on it. */
  waitNs: number;
}

/** Wall time of one tile since the start, where it went, and what its experts did. */
export interface TileTimes {
  tile: number;
  computeNs: number;
  sendNs: number;
  waitNs: number;
  /** Between steps. */
  idleNs: number;
  /** Rows, one per token and chosen expert, that experts of this tile computed. */
  expertRows: number;
}

/** What the channels of a wafer have carried, and where its tiles spent their time. */
export interface WaferTraffic {
  channels: ChannelCounters[];
  tiles: TileTimes[];
}

/** Counters of all channels and tiles; `memories`: each tile's SRAM. */
export function readTraffic(
  plan: Plan,
  memories: ReadonlyMap<number, { readonly buffer: ArrayBufferLike }>,
): WaferTraffic {
  const at = (tile: number, address: number): ((offset: number) => number) => {
    const bytes = new DataView(memories.get(tile)!.buffer, address);
    return (offset) => bytes.getFloat64(offset, true);
  };
  const channels = plan.channels.map(({ index, target, control }) => {
    const read = at(target, control);
    return {
      channel: index,
      messages: read(CHANNEL_LINE.messages),
      payloadBytes: read(CHANNEL_LINE.payloadBytes),
      overheadBytes: read(CHANNEL_LINE.overheadBytes),
      waitNs: read(CHANNEL_LINE.waitNs),
    };
  });
  const tiles = plan.tiles.map(({ index }) => {
    const read = at(index, 0);
    return {
      tile: index,
      computeNs: read(TILE_HEADER.computeNs),
      sendNs: read(TILE_HEADER.sendNs),
      waitNs: read(TILE_HEADER.waitNs),
      idleNs: read(TILE_HEADER.idleNs),
      expertRows: read(TILE_HEADER.expertRows),
    };
  });
  return { channels, tiles };
}
