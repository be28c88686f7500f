/**
 * Figures of a chip, from the SRAM of its tiles to the parent's image of it.
 */
import { CHANNEL_LINE, TILE_HEADER } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { tallies } from '../expert-tally.ts';
import type { ChipCounters } from './protocol.ts';

type Memories = ReadonlyMap<number, WebAssembly.Memory>;

const TIMES = [
  TILE_HEADER.computeNs,
  TILE_HEADER.sendNs,
  TILE_HEADER.waitNs,
  TILE_HEADER.idleNs,
  TILE_HEADER.expertRows,
] as const;
const COUNTS = [
  CHANNEL_LINE.messages,
  CHANNEL_LINE.payloadBytes,
  CHANNEL_LINE.overheadBytes,
  CHANNEL_LINE.waitNs,
] as const;

/** Reads the figures of a chip's tiles and of the channels that end on it. */
export function readCounters(
  plan: Plan,
  memories: Memories,
  { chip, chipOf }: { chip: number; chipOf: readonly number[] },
): ChipCounters {
  const read = (tile: number, address: number, offsets: readonly number[]): number[] => {
    const view = new DataView(memories.get(tile)!.buffer, address);
    return offsets.map((offset) => view.getFloat64(offset, true));
  };
  const tiles = plan.tiles
    .filter(({ index }) => chipOf[index] === chip)
    .map(({ index }) => [index, ...read(index, 0, TIMES)]);
  const channels = plan.channels
    .filter(({ target }) => chipOf[target] === chip)
    .map(({ index, target, control }) => [index, ...read(target, control, COUNTS)]);
  const offsets = expertOffsets(plan);
  const experts = tallies(plan)
    .filter(({ tile }) => chipOf[tile] === chip)
    .map(({ tile, address }) => [tile, address, ...read(tile, address, offsets)]);
  return { tiles, channels, experts };
}

/** Writes figures to where `readTraffic` looks for them. */
export function writeCounters(plan: Plan, memories: Memories, counters: ChipCounters): void {
  const write = (
    place: { tile: number; address: number },
    offsets: readonly number[],
    values: readonly number[],
  ): void => {
    const view = new DataView(memories.get(place.tile)!.buffer, place.address);
    offsets.forEach((offset, i) => view.setFloat64(offset, values[i]!, true));
  };
  const offsets = expertOffsets(plan);
  for (const [tile = 0, address = 0, ...counts] of counters.experts) {
    write({ tile, address }, offsets, counts);
  }
  for (const [tile = 0, ...times] of counters.tiles) write({ tile, address: 0 }, TIMES, times);
  for (const [index = 0, ...counts] of counters.channels) {
    const { target: tile, control: address } = plan.channels[index]!;
    write({ tile, address }, COUNTS, counts);
  }
}

function expertOffsets({ spec }: Plan): number[] {
  const { expertCount } = spec.experts ?? { expertCount: 0 };
  return Array.from({ length: expertCount }, (_, e) => e * Float64Array.BYTES_PER_ELEMENT);
}
