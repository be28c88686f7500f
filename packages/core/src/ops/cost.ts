/**
 * What an op costs, whatever runs it: arithmetic and the bytes it must touch at least once.
 *
 * A multiply-add counts as two operations. Bytes count each operand once, as a machine with a
 * perfect cache would move it; activations are f32.
 */
import type { WeightType } from '../model/spec.ts';

/** The cost of one call of an op. */
export interface OpCost {
  flops: number;
  /** Read once per call whatever the number of tokens. */
  weightBytes: number;
  /** Activations, and a KV cache as wide as they are, read and written. */
  activationBytes: number;
  /** A KV cache of a narrower type, read and written. Default: 0. */
  kvBytes?: number;
}

/** Kernels by what starting them takes; `none` rides along with the kernel before it. */
export type FloorKind = 'matrix' | 'attention' | 'none';

/** An op as a machine sees it. */
export interface OpUse {
  cost: OpCost;
  floor: FloorKind;
  /** Type of the weights; undefined where there are none. */
  weights: WeightType | undefined;
}

export const F32_BYTES = 4;

/** Several ops as one. */
export function sumCosts(costs: readonly OpCost[]): OpCost {
  const sum = { flops: 0, weightBytes: 0, activationBytes: 0, kvBytes: 0 };
  for (const cost of costs) {
    sum.flops += cost.flops;
    sum.weightBytes += cost.weightBytes;
    sum.activationBytes += cost.activationBytes;
    sum.kvBytes += cost.kvBytes ?? 0;
  }
  return sum;
}

/** An op without weights that rides along with the kernel before it. */
export function ridesAlong(cost: OpCost): OpUse {
  return { cost, floor: 'none', weights: undefined };
}
