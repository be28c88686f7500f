/**
 * Regions of one size on a rectangle of PEs, and on wafers in a row.
 *
 *     +-----+-----+---------+    Columns of equal widths within each; a column of few regions has
 *     |     |     |         |    tall ones, of many flat ones. Or the same turned by a quarter.
 *     +-----+-----+---------+
 *     |     |     |         |    `stretch` is what a message passes in the longest region over
 *     +-----+-----+         |    what it would pass in a square: 1 where squares pack.
 *     |     |     +---------+
 *     +-----+-----+=========+    The last wafer gives a strip to embedding and head.
 */
import type { WaferFacts } from '@wafer/core';
import { minOf } from '@wafer/core';

export interface Room {
  readonly across: number;
  readonly down: number;
}

/** Layers in a row on wafers; embedding and head on the last. */
export interface RegionsAsked {
  readonly layers: number;
  readonly wafers: number;
  /** PEs of a layer's region. */
  readonly layerPes: number;
  readonly headPes: number;
}

/** How regions lie: on most wafers, and how long the longest of all is. */
export interface Packing {
  readonly perWafer: number;
  readonly stretch: number;
}

/** The largest rectangle of a wafer that a program gets. */
export function waferRoom({ pesAcross, pesDown }: WaferFacts): Room {
  return { across: Math.floor(pesAcross.value), down: Math.floor(pesDown.value) };
}

/** How long the longest of `count` regions is; Infinity where they do not pack. */
export function stretchOf({ across, down }: Room, count: number, pes: number): number {
  if (count === 0) return 1;
  const side = Math.ceil(Math.sqrt(pes));
  if (Math.floor(across / side) * Math.floor(down / side) >= count) return 1;
  if (count * pes > across * down) return Number.POSITIVE_INFINITY;
  const upright = stretchInColumns({ across, down }, count, pes);
  return Math.min(upright, stretchInColumns({ across: down, down: across }, count, pes));
}

function stretchInColumns({ across, down }: Room, count: number, pes: number): number {
  const side = Math.sqrt(pes);
  let best = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= count; columns++) {
    const few = Math.floor(count / columns);
    const fuller = count % columns;
    const [wide, narrow] = [
      Math.ceil(pes / Math.floor(down / (few + 1))),
      Math.ceil(pes / Math.floor(down / few)),
    ];
    const widths = (least: number): number => {
      const [tall, flat] = [Math.max(narrow, least), Math.max(wide, least)];
      return (columns - fuller) * tall + (fuller > 0 ? fuller * flat : 0);
    };
    if (!(widths(0) <= across)) continue;
    // Tall regions take the width that is left, until they are squares.
    const least = widths(Math.ceil(side)) <= across ? side : 0;
    const longest = Math.max(
      lengthOf(Math.max(narrow, least), pes),
      fuller > 0 ? lengthOf(Math.max(wide, least), pes) : 0,
    );
    best = Math.min(best, longest / side);
  }
  return Math.max(1, best);
}

/** Mean of both sides. */
function lengthOf(width: number, pes: number): number {
  return (width + pes / width) / 2;
}

function stretchBesideHead(room: Room, { layerPes, headPes }: RegionsAsked, count: number): number {
  const { across, down } = room;
  const strips: Room[] = [
    { across, down: down - Math.ceil(headPes / across) },
    { across: across - Math.ceil(headPes / down), down },
  ];
  return minOf(
    strips.map((left) =>
      left.across < 1 || left.down < 1
        ? Number.POSITIVE_INFINITY
        : stretchOf(left, count, layerPes),
    ),
  );
}

/**
 * The packing of fewest layers a wafer that is the least stretched: the last wafer may hold fewer,
 * since embedding and head lie on it. Undefined where no packing is found.
 */
export function packRegions(room: Room, asked: RegionsAsked): Packing | undefined {
  const { layers, wafers, layerPes } = asked;
  let best: Packing | undefined;
  for (let perWafer = Math.ceil(layers / wafers); perWafer <= layers; perWafer++) {
    const last = Math.max(0, layers - perWafer * (wafers - 1));
    const full = wafers > 1 ? stretchOf(room, perWafer, layerPes) : 1;
    if (full === Number.POSITIVE_INFINITY) break;
    const stretch = Math.max(full, stretchBesideHead(room, asked, last));
    if (stretch < (best?.stretch ?? Number.POSITIVE_INFINITY)) best = { perWafer, stretch };
    if (last === 0 || best?.stretch === 1) break;
  }
  return best;
}
