/**
 * Where the regions of a run lie: on how many wafers, how large they may be, how far from square.
 *
 * Weights are spread over the wafers that they need alone in the types the model has of its own;
 * fewer bits leave PEs to the same layers there. Wafers beyond those hold keys and values, or idle:
 * they never make a region larger than it has to be.
 */
import type { WaferFacts } from '@wafer/core';
import { weightBytes, weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import { packRegions, waferRoom } from './region-packing.ts';
import type { Packing } from './region-packing.ts';
import { regionNeeds, waferResidency } from './residency.ts';
import type { HeldWork } from './residency.ts';

export interface LaidWork extends HeldWork {
  readonly wafer: WaferFacts;
  readonly wafers: number;
  /** The model before it was asked for in fewer bits. Default: itself. */
  readonly wide?: ModelShape;
}

export interface RegionLayout {
  /** Wafers that regions are spread over. */
  readonly wafers: number;
  readonly headPes: number;
  /** Least side that holds a layer, and largest that packs. */
  readonly least: number;
  readonly most: number;
  /** How much longer the longest region of a side is than a square; 1 where none packs. */
  stretchAt(side: number): number;
  packingAt(side: number): Packing | undefined;
}

/** How the regions of a run may lie. */
export function regionLayout(work: LaidWork): RegionLayout {
  const needs = regionNeeds(work, work.wafer);
  let wafers = weightWafers(work);
  const isPacked = (headPes: number): boolean =>
    packingOf(work, { wafers, headPes, layerPes: needs.layerPes }) !== undefined;
  while (wafers < work.wafers && !isPacked(needs.headPes)) wafers += 1;
  // Embedding and head get their part of a wafer's weights where layers leave it to them.
  const fair = Math.max(needs.headPes, fairHeadPes(work));
  const headPes = isPacked(fair) ? fair : needs.headPes;
  const least = Math.ceil(Math.sqrt(needs.layerPes));
  const known = new Map<number, Packing | undefined>();
  const packingAt = (side: number): Packing | undefined => {
    if (!known.has(side)) {
      known.set(side, packingOf(work, { wafers, headPes, layerPes: side ** 2 }));
    }
    return known.get(side);
  };
  const stretchAt = (side: number): number => packingAt(side)?.stretch ?? 1;
  let most = Math.floor(Math.sqrt(pesOf(work.wafer) / Math.ceil(work.shape.layers / wafers)));
  while (most >= least && !packingAt(most)) most -= 1;
  const base = { wafers, headPes, stretchAt, packingAt };
  // Sides are whole, but where only the least area packs.
  return most < least ? { ...base, ...onlySide(needs.layerPes) } : { ...base, least, most };
}

function onlySide(pes: number): { least: number; most: number } {
  const side = Math.max(1, Math.sqrt(pes));
  return { least: side, most: side };
}

function packingOf(
  { shape, wafer }: LaidWork,
  asked: { wafers: number; headPes: number; layerPes: number },
): Packing | undefined {
  return packRegions(waferRoom(wafer), { ...asked, layers: shape.layers });
}

function weightWafers({ shape, wide = shape, wafer, wafers }: LaidWork): number {
  return Math.min(wafers, waferResidency({ shape: wide, contextTokens: 1, batch: 1 }, wafer).chips);
}

/** PEs of embedding and head by their part of all weights, whatever the context. */
function fairHeadPes(work: LaidWork): number {
  const { shape, wide = shape, wafer } = work;
  const { vocabulary } = weightCounts(wide, 'all');
  const bytes = (vocabulary * wide.bits.vocabulary) / 8;
  return Math.floor((pesOf(wafer) * bytes * weightWafers(work)) / weightBytes(wide, 'all'));
}

function pesOf({ pesAcross, pesDown }: WaferFacts): number {
  return pesAcross.value * pesDown.value;
}
