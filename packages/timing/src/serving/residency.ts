/**
 * Where a model lives, computed before any time: weights, keys and values, activations, code.
 *
 *   resident   on one wafer, or on one group of GPUs
 *   several    layers in a row over several wafers, each whole
 *   streamed   weights come over the I/O of the system layer by layer; only state stays
 *   refused    does not fit what was asked for, by how many bytes
 *
 * A wafer holds whole layers, whose regions have to pack (region-packing.ts). A PE holds its part
 * of one layer's weights and of its keys and values beside code and buffers; embedding and head are
 * a region of their own on the last wafer.
 */
import type { GpuFacts, WaferFacts } from '@wafer/core';
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { EXPERT_ROWS, gpuGroups, roomOf } from '../experts/placement.ts';
import type { ExpertPlacement } from '../experts/placement.ts';
import { kvBytes, weightBytes, weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import { packRegions, waferRoom } from './region-packing.ts';

/** What a machine has to hold at once. */
export interface HeldWork {
  readonly shape: ModelShape;
  readonly contextTokens: number;
  readonly batch: number;
  /** Bytes of an element of the KV cache. */
  readonly kvElementBytes?: number;
}

export interface Residency {
  readonly mode: 'resident' | 'several' | 'streamed' | 'refused';
  /** Wafers or GPUs used, or needed where it is refused. */
  readonly chips: number;
  readonly weightBytes: number;
  /** Copies on GPUs that share a key head counted. */
  readonly kvBytes: number;
  readonly activationBytes: number;
  /** What one chip has beside code, and what the fullest one holds. */
  readonly chipBytes: number;
  readonly fullestBytes: number;
  readonly reason?: string;
}

/** Rows of activations that a layer holds: its input, q k v, scores, hidden, and one in flight. */
const ACTIVATION_COPIES = 6;
const HALF_BYTES = 2;
/** Most chips that can be asked for. */
export const CHIPS_MAX = 2048;
/** Share of a GPU's memory that stacks leave to weights and cache. */
export const GPU_MEMORY_SHARE = 0.9;

/** Bytes of a wafer that programs may fill with weights and state. */
export function waferBytes({
  pesAcross,
  pesDown,
  sramBytesPerPe,
  codeBytesPerPe,
}: WaferFacts): number {
  return pesAcross.value * pesDown.value * (sramBytesPerPe.value - codeBytesPerPe.value);
}

function heldBytes({ shape, contextTokens, batch, kvElementBytes = HALF_BYTES }: HeldWork): {
  weights: number;
  kv: number;
  activations: number;
  vocabulary: number;
} {
  const vocabularyBits = shape.bits.vocabulary / 8;
  const ends = shape.hasTiedEmbeddings ? 1 : 2;
  return {
    weights: weightBytes(shape, 'all'),
    kv: kvBytes(shape, contextTokens, kvElementBytes) * batch,
    activations: ACTIVATION_COPIES * shape.layers * shape.hidden * HALF_BYTES * batch,
    vocabulary: ends * shape.vocabulary * shape.hidden * vocabularyBits,
  };
}

/** Bytes of the fullest of `wafers`: whole layers, and embedding and head on the last one. */
export function fullestWaferBytes(work: HeldWork, wafers: number): number {
  const { weights, kv, activations, vocabulary } = heldBytes(work);
  const { layers } = work.shape;
  const perLayer = (weights - vocabulary + kv + activations) / layers;
  const most = Math.ceil(layers / wafers);
  // The last wafer may hold fewer layers, which is where embedding and head go.
  const last = layers - most * (wafers - 1);
  const spread = Math.max(most * perLayer, last * perLayer + vocabulary);
  const even = (layers * perLayer + vocabulary) / wafers;
  return Math.max(even, Math.min(spread, Math.ceil(even / perLayer) * perLayer));
}

/** Where a model lives on wafers. `wafers` undefined takes as many as it needs. */
export function waferResidency(
  work: HeldWork,
  wafer: WaferFacts,
  { wafers, streams = false }: { wafers?: number; streams?: boolean } = {},
): Residency {
  const chipBytes = waferBytes(wafer);
  const { weights, kv, activations } = heldBytes(work);
  const base = { weightBytes: weights, kvBytes: kv, activationBytes: activations, chipBytes };
  if (streams) {
    const fullestBytes = kv + activations + (2 * weights) / work.shape.layers;
    const isHeld = fullestBytes <= chipBytes * (wafers ?? 1);
    const reason = 'keys, values and two layers of weights do not fit';
    return isHeld
      ? { ...base, mode: 'streamed', chips: wafers ?? 1, fullestBytes }
      : { ...base, mode: 'refused', chips: wafers ?? 1, fullestBytes, reason };
  }
  const needed = wafersNeeded(work, wafer);
  const isNever = needed > work.shape.layers;
  const chips = wafers ?? needed;
  const fullestBytes = fullestWaferBytes(work, chips);
  if (chips >= needed && !isNever) {
    const usable = Math.min(chips, work.shape.layers);
    return { ...base, mode: usable === 1 ? 'resident' : 'several', chips: usable, fullestBytes };
  }
  const missing = fullestBytes - chipBytes;
  const isPacking = missing <= 0;
  const { layerPes } = regionNeeds(work, wafer);
  const { across, down } = waferRoom(wafer);
  const reason = isNever
    ? 'one layer and its keys and values do not fit a wafer: no number of them holds it'
    : isPacking
      ? `${Math.ceil(work.shape.layers / chips)} regions of ${layerPes} PEs do not pack on ` +
        `${across} x ${down}; ${needed} wafers hold them`
      : `${gigabytes(missing)} GB more than a wafer has; ${needed} wafers hold it`;
  return { ...base, mode: 'refused', chips: needed, fullestBytes, reason };
}

function wafersNeeded(work: HeldWork, wafer: WaferFacts): number {
  const chipBytes = waferBytes(wafer);
  const [room, needs] = [waferRoom(wafer), regionNeeds(work, wafer)];
  const { layers } = work.shape;
  const isHeld = (wafers: number): boolean =>
    widestLayerBytes(work) <= chipBytes &&
    fullestWaferBytes(work, wafers) <= chipBytes &&
    packRegions(room, { ...needs, layers, wafers }) !== undefined;
  let wafers = 1;
  while (wafers <= layers && !isHeld(wafers)) wafers += 1;
  return wafers;
}

/** A layer that attends to the whole context: regions are told by the mean, one has to fit. */
function widestLayerBytes(work: HeldWork): number {
  const { window: _window, ...wide } = work.shape;
  const { weights, kv, activations, vocabulary } = heldBytes({ ...work, shape: wide });
  return (weights - vocabulary + kv + activations) / wide.layers;
}

/** PEs that a layer, and embedding with head, need at least. */
export function regionNeeds(
  work: HeldWork,
  { sramBytesPerPe, codeBytesPerPe }: WaferFacts,
): { layerPes: number; headPes: number } {
  const { weights, kv, activations, vocabulary } = heldBytes(work);
  const perPe = sramBytesPerPe.value - codeBytesPerPe.value;
  const perLayer = (weights - vocabulary + kv + activations) / work.shape.layers;
  return { layerPes: Math.ceil(perLayer / perPe), headPes: Math.ceil(vocabulary / perPe) };
}

/** A model with the experts that groups have room for: padding and copies count as weights. */
export function withRoom(
  shape: ModelShape,
  groups: number,
  placement: ExpertPlacement,
): ModelShape {
  const { experts } = shape;
  if (!experts) return shape;
  const count = groups * roomOf(experts.count, groups, placement);
  return { ...shape, experts: { ...experts, count } };
}

/** How GPUs share a model. Defaults: one stage, shares of each expert on all. */
export interface GpuSharing {
  readonly stages?: number;
  readonly placement?: ExpertPlacement;
}

/** Where a model lives on GPUs that share every layer of a stage. */
export function gpuResidency(
  work: HeldWork,
  gpu: GpuFacts,
  gpus: number,
  { stages = 1, placement = EXPERT_ROWS }: GpuSharing = {},
): Residency {
  const chipBytes = gpu.memoryBytes.value * GPU_MEMORY_SHARE;
  const sharing = { stages, placement };
  const held = heldByGpus(work, gpus, sharing);
  if (isRefusal(held)) {
    const { weights, kv, activations } = heldBytes(work);
    const fullestBytes = (weights + kv + activations) / gpus;
    const base = { weightBytes: weights, kvBytes: kv, activationBytes: activations, chipBytes };
    return { ...base, mode: 'refused', chips: gpus, fullestBytes, reason: held.refused };
  }
  const { attentionGpus: _attentionGpus, ...bytes } = held;
  const base = { ...bytes, chipBytes };
  const { fullestBytes } = held;
  if (fullestBytes <= chipBytes) return { ...base, mode: 'resident', chips: gpus };
  const more = nextGpus(work, { gpus, chipBytes }, sharing);
  const reason =
    `${gigabytes(fullestBytes - chipBytes)} GB more than a GPU has; ` +
    (more === undefined ? 'no number of them that heads split over holds it' : `${more} hold it`);
  return { ...base, mode: 'refused', chips: more ?? gpus, reason };
}

interface HeldByGpus extends Pick<
  Residency,
  'weightBytes' | 'kvBytes' | 'activationBytes' | 'fullestBytes'
> {
  /** Of a stage. */
  readonly attentionGpus: number;
}

/** Bytes on GPUs, copies counted; refused where experts do not lie on as many. */
function heldByGpus(
  work: HeldWork,
  gpus: number,
  { stages, placement }: Required<GpuSharing>,
): HeldByGpus | Refusal {
  const lie = gpuGroups(placement, Math.max(1, Math.floor(gpus / stages)), expertCount(work));
  if (isRefusal(lie)) return lie;
  const { attentionGpus, groups, cut } = lie;
  const shape = withRoom(work.shape, groups, placement);
  const { weights, kv: once, activations } = heldBytes({ ...work, shape });
  const kv = once * kvCopies(shape, attentionGpus);
  const held = weights + kv + activations;
  const routed = (weightCounts(shape, 'all').experts * shape.bits.experts) / 8;
  const apart = Math.max(
    (held - routed) / (attentionGpus * stages),
    routed / (groups * cut * stages),
  );
  const uneven = (Math.ceil(shape.layers / stages) * stages) / shape.layers;
  const fullestBytes = uneven * (placement.attentionPercent > 0 ? apart : held / gpus);
  const bytes = { weightBytes: weights, kvBytes: kv, activationBytes: activations };
  return { ...bytes, fullestBytes, attentionGpus };
}

/**
 * The next number of GPUs that holds the work, in as many stages; undefined where none does: beyond
 * one GPU a key head each has a copy of its keys and values, so that more of them add no room.
 */
function nextGpus(
  work: HeldWork,
  { gpus, chipBytes }: { gpus: number; chipBytes: number },
  sharing: Required<GpuSharing>,
): number | undefined {
  const { stages } = sharing;
  for (let more = gpus + stages; more <= CHIPS_MAX; more += stages) {
    const held = heldByGpus(work, more, sharing);
    if (isRefusal(held)) continue;
    if (held.attentionGpus > work.shape.heads) return undefined;
    if (held.fullestBytes <= chipBytes && splitsHeads(work.shape, held.attentionGpus)) return more;
  }
  return undefined;
}

/** Whether GPUs that share attention have whole heads each: key heads as shares or as copies. */
export function splitsHeads({ heads, kvHeads }: ModelShape, gpus: number): boolean {
  return heads % gpus === 0 && (kvHeads % gpus === 0 || gpus % kvHeads === 0);
}

/** How often each key and value lies on GPUs that share attention: once, or on each that has it. */
export function kvCopies({ kvHeads }: ModelShape, attentionGpus: number): number {
  return Math.max(1, attentionGpus / kvHeads);
}

function expertCount({ shape }: HeldWork): number {
  return shape.experts?.count ?? Number.POSITIVE_INFINITY;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0);
}
