/**
 * How long an op takes on a tile of a described machine: a floor plus a roofline.
 *
 *   time = floor + max(operations / peak, bytes / bandwidth of the memory the weights sit in)
 *
 * A tile is an equal share of its chip; a floor is not shared, it is paid by each kernel.
 * Source: Williams 2009, "Roofline".
 */
import { F32_BYTES, peakOf } from '@wafer/core';
import type {
  ArithmeticType,
  FloorKind,
  MachineSpec,
  MemorySpec,
  OpUse,
  WeightType,
} from '@wafer/core';

/** Time of an op; of operations and bytes only the longer counts, the other is 0. */
export interface OpTime {
  flopsNs: number;
  memoryNs: number;
  floorNs: number;
}

/** Which part of which machine a tile is. */
export interface TileShare {
  machine: MachineSpec;
  tilesPerChip: number;
  /** Of the wafer, all chips together. */
  tileCount: number;
  /** Memory of a whole wafer instead of the machine's own. */
  waferMemory: MemorySpec | undefined;
  /** Bytes of an activation, and of keys and values unless their type is narrower. */
  elementBytes: 2 | 4;
}

/** The times of ops on one tile. */
export class TileRates {
  readonly #share: TileShare;
  readonly #part: number;
  readonly #bytesPerNs: number;

  constructor(share: TileShare) {
    const { machine, tilesPerChip, tileCount, waferMemory } = share;
    this.#share = share;
    this.#part = machine.covers === 'wafer' ? tileCount : tilesPerChip;
    this.#bytesPerNs = waferMemory
      ? bytesPerNs(waferMemory) / tileCount
      : bytesPerNs(machine.memory) / this.#part;
  }

  /** Throws: MACHINE_PARAMETER. */
  time({ cost, floor, weights }: OpUse): OpTime {
    const { machine, elementBytes } = this.#share;
    const activationBytes = cost.activationBytes * (elementBytes / F32_BYTES);
    const bytes = cost.weightBytes + activationBytes + (cost.kvBytes ?? 0);
    const type = arithmeticOf(weights, elementBytes);
    const flopsNs =
      cost.flops === 0 ? 0 : (cost.flops / (peakOf(machine, type) / this.#part)) * 1e9;
    const memoryNs = bytes / this.#bytesPerNs;
    const isBound = flopsNs > memoryNs;
    return {
      flopsNs: isBound ? flopsNs : 0,
      memoryNs: isBound ? 0 : memoryNs,
      floorNs: this.#floorNs(floor),
    };
  }

  #floorNs(floor: FloorKind): number {
    const { floors } = this.#share.machine;
    if (floor === 'none') return 0;
    return floor === 'matrix' ? floors.matrixNs.value : floors.attentionNs.value;
  }
}

/** Sum of the parts. */
export function opNs({ flopsNs, memoryNs, floorNs }: OpTime): number {
  return flopsNs + memoryNs + floorNs;
}

function bytesPerNs({ bandwidthBytesPerS, efficiency }: MemorySpec): number {
  return (bandwidthBytesPerS.value * efficiency.value) / 1e9;
}

/** 16-bit weights, and block types that are widened to 16 bits, use the half-precision units. */
function arithmeticOf(weights: WeightType | undefined, elementBytes: 2 | 4): ArithmeticType {
  if (weights !== undefined) return weights === 'f32' ? 'f32' : 'half';
  return elementBytes === 2 ? 'half' : 'f32';
}
