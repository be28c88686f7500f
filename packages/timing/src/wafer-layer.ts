/**
 * Cycles of one decoder layer on a square grid of PEs, as mesh kernels for decode run it.
 *
 *   cycles = 10 all-reduces * (software + hop factor * P) + MACs of a PE * cycles per MAC
 *
 * Messages are a few elements, so link bandwidth plays no part: a layer costs a fixed software part
 * per all-reduce, hops in and back out in proportion to the side P, and the PE's own share of the
 * work. More PEs shrink the last and grow the second: beyond some P they hurt. Attention is
 * MHA-shaped. The three parameters are fitted to three published rows of WSE-2 and stand for that
 * wafer and those kernels only. Source: WaferLLM (arXiv 2502.04563v3), kernels and Table 4.
 */
import { figuresOf } from '@wafer/core';
import type { Figure } from '@wafer/core';

/** Elements that a PE holds along each dimension. */
export interface PeShare {
  readonly hidden: number;
  readonly ffn: number;
  readonly context: number;
}

const ALL_REDUCES = 10;
const fitted = figuresOf('calibrated', 'WSE-2 rows: 8B on 420 and 660 PEs a side, 72B on 420');

export const WAFER_LAYER: Readonly<
  Record<'softwareCycles' | 'hopFactor' | 'cyclesPerMac', Figure>
> = {
  /** Descriptors, tasks, switches and two stages of a tree, per all-reduce. */
  softwareCycles: fitted(565.7),
  /** Cycles per PE of the side, in and out, per all-reduce. */
  hopFactor: fitted(1.3743),
  /** Of 4-wide half precision with short vectors. */
  cyclesPerMac: fitted(0.7902),
};

/** Multiply-adds of one PE in one layer: q, k, v, scores, values, o, gate, up, down. */
export function peMacs({ hidden: d, ffn: f, context: s }: PeShare): number {
  return 3 * d * d + 2 * s * d + d * d + 2 * f * d + f * d;
}

/** Cycles of one layer on a grid with `side` PEs along each side. */
export function waferLayerCycles(side: number, share: PeShare): number {
  const { softwareCycles, hopFactor, cyclesPerMac } = WAFER_LAYER;
  const reduces = ALL_REDUCES * (softwareCycles.value + hopFactor.value * side);
  return reduces + peMacs(share) * cyclesPerMac.value;
}
