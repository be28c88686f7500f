/**
 * One decode step on wafers: a region of PEs for each layer, regions in a row, wafers in a row.
 *
 * A layer's region is no smaller than its weights and its keys and values, no larger than its share
 * of the wafer; within that the side that takes the fewest cycles is found. One token crosses all
 * regions in turn; other sequences fill the regions behind it, so the time of one user and the
 * throughput of all are two results. A token crosses from wafer to wafer and back to the host.
 *
 *   layer   10 all-reduces * (software + hops * side * stretch) + multiply-adds * cycles
 *           sequences together in a region share software and hops, and add their wavelets
 *   head    3 all-reduces of the same kind + its own multiply-adds
 *
 * Constants are those of the kernels published for WSE-2; lanes that a wafer has more of count by
 * an assumed share. Source: wafer-kernels.ts, and vendor-speeds for the crossing.
 */
import { decodeMacs, decodeWavelets, DECODE_ALL_REDUCES, share } from './mesh-layer.ts';
import { meanAttended, widthsOf } from './model-shape.ts';
import { placedLayer } from './wafer-experts.ts';
import type { WaferExperts } from './wafer-experts.ts';
import type { ModelShape } from './model-shape.ts';
import { regionLayout } from './region-layout.ts';
import type { LaidWork, RegionLayout } from './region-layout.ts';
import { kernelConstants } from './wafer-kernels.ts';

/** Figures that were never published and move the answer. */
export interface WaferAssumptions {
  /** Share of wider lanes that short vectors use: 0 none of it, 1 all. */
  readonly laneUse: number;
  /** Software of an all-reduce against the published kernels'. */
  readonly softwareScale: number;
  /** From a wafer to the next, or to the host and back. */
  readonly crossingUs: number;
}

/** Nanoseconds of one token, by cause; they add up. */
export interface WaferStep {
  readonly macsNs: number;
  readonly softwareNs: number;
  readonly hopsNs: number;
  readonly headNs: number;
  readonly crossingsNs: number;
  /** Side of the region of a layer. */
  readonly side: number;
  readonly crossings: number;
}

export interface WaferRun extends LaidWork {
  readonly assumptions: WaferAssumptions;
  /** Sequences in one region at once; others are in other regions. Default: 1. */
  readonly together?: number;
  /** Where regions lie. Default: found from the rest. */
  readonly layout?: RegionLayout | undefined;
  /** Where experts lie in a layer's region. Default: shares of each on all of it. */
  readonly experts?: WaferExperts;
}

/** All-reduces of the head: its norm, its product, the largest logit. */
const HEAD_ALL_REDUCES = 3;
/** Lanes of the wafer that the constants were measured on. */
const MEASURED_LANES = 4;
const HALF_BYTES = 2;

interface Cycles {
  macs: number;
  software: number;
  hops: number;
}

/** Time of one token by cause. */
export function waferStep(asked: WaferRun): WaferStep {
  const run = { ...asked, layout: layoutOf(asked) };
  const { wafer, shape, assumptions } = run;
  // A wafer that holds nothing lies beside the way.
  const { wafers } = run.layout;
  const perNs = 1e9 / wafer.clockHz.value;
  const side = bestSide(run);
  const kinds = layerKindsOf(shape);
  const sum: Cycles = { macs: 0, software: 0, hops: 0 };
  for (const { kind, layers } of kinds) {
    const cycles = layerCycles(run, kind, side);
    sum.macs += layers * cycles.macs;
    sum.software += layers * cycles.software;
    // From a region to the next one: across it once.
    sum.hops += layers * (cycles.hops + side);
  }
  const head = headCycles(run);
  return {
    macsNs: sum.macs * perNs,
    softwareNs: sum.software * perNs,
    hopsNs: sum.hops * perNs,
    headNs: (head.macs + head.software + head.hops) * perNs,
    crossingsNs: wafers * (assumptions.crossingUs * 1e3 + crossingBytesNs(run)),
    side,
    crossings: wafers,
  };
}

/** Sum of the causes, ns. */
export function waferStepNs(step: WaferStep): number {
  return step.macsNs + step.softwareNs + step.hopsNs + step.headNs + step.crossingsNs;
}

/** Nanoseconds of the slowest region: what the next sequence waits for. */
export function slowestRegionNs(run: WaferRun, step: WaferStep): number {
  const { layers } = run.shape;
  return Math.max(
    (step.macsNs + step.softwareNs + step.hopsNs) / layers,
    step.headNs,
    crossingBytesNs(run),
  );
}

function layerKindsOf({ layers, experts }: ModelShape): {
  kind: 'dense' | 'experts';
  layers: number;
}[] {
  const routed = experts?.layers ?? 0;
  const kinds = [
    { kind: 'dense' as const, layers: layers - routed },
    { kind: 'experts' as const, layers: routed },
  ];
  return kinds.filter((one) => one.layers > 0);
}

/** Cycles of a layer on a region of side P; sequences of one region share all but their work. */
export function layerCycles(run: WaferRun, kind: 'dense' | 'experts', side: number): Cycles {
  const [software = 0, perHop = 0, perMac = 0] = kernelConstants('decode', 'WaferLLM');
  const { shape, assumptions, together = 1, experts } = run;
  const contextTokens = Math.ceil(meanAttended(shape, run.contextTokens));
  const widths = widthsOf(shape, kind);
  const isPlaced = kind === 'experts' && experts !== undefined;
  const { macs, collectives, passed } = isPlaced
    ? placedLayer(shape, { contextTokens, side, experts })
    : {
        macs: decodeMacs(widths, contextTokens, side),
        collectives: DECODE_ALL_REDUCES,
        passed: DECODE_ALL_REDUCES * side,
      };
  return {
    macs: together * macs * perMac * laneScale(run),
    software:
      collectives * software * assumptions.softwareScale +
      (together - 1) * decodeWavelets(widths, contextTokens, side),
    hops: passed * perHop * layoutOf(run).stretchAt(side),
  };
}

/** What wider lanes leave of the time of a multiply-add. */
function laneScale({ wafer, assumptions }: WaferRun): number {
  const ideal = MEASURED_LANES / wafer.halfLanes.value;
  return 1 - assumptions.laneUse * (1 - ideal);
}

function headCycles(run: WaferRun): Cycles {
  const [software = 0, perHop = 0, perMac = 0] = kernelConstants('decode', 'WaferLLM');
  const { shape, assumptions, together = 1 } = run;
  const side = Math.max(1, Math.floor(Math.sqrt(layoutOf(run).headPes)));
  const macs = share(shape.hidden, side) * share(shape.vocabulary, side);
  return {
    macs: together * macs * perMac * laneScale(run),
    software: HEAD_ALL_REDUCES * software * assumptions.softwareScale,
    hops: HEAD_ALL_REDUCES * perHop * side,
  };
}

/** Where the regions of a run may lie. */
export function layoutOf(run: WaferRun): RegionLayout {
  return run.layout ?? regionLayout(run);
}

/** Sides that a layer's region may have: what it must hold, and what packs on its wafers. */
export function sideRange(run: WaferRun): { least: number; most: number } {
  const { least, most } = layoutOf(run);
  return { least, most };
}

/** The side of the fewest cycles: beyond it more PEs hurt. */
export function bestSide(asked: WaferRun): number {
  const run = { ...asked, layout: layoutOf(asked) };
  const { least, most } = run.layout;
  const kind = run.shape.experts ? 'experts' : 'dense';
  const cyclesAt = (side: number): number => {
    const { macs, software, hops } = layerCycles(run, kind, side);
    return macs + software + hops + side;
  };
  let [best, fewest] = [most, cyclesAt(most)];
  for (let side = most - 1; side >= least; side--) {
    const cycles = cyclesAt(side);
    if (cycles < fewest) [best, fewest] = [side, cycles];
  }
  return best;
}

/** One token's activations through the I/O of a system. */
function crossingBytesNs({ shape, wafer, together = 1 }: WaferRun): number {
  return ((together * shape.hidden * HALF_BYTES) / wafer.ioBytesPerS.value) * 1e9;
}
