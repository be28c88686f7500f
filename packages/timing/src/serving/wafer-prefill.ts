/**
 * A prompt on wafers, in the faster of two schedules.
 *
 *   layer by layer   each layer on one square of a wafer, as published kernels run 4,096 tokens;
 *                    its weights come from where decode has them, through the wafer's middle
 *   token by token   through the regions of decode, each as soon as the one before left the first:
 *                    several wafers are full at once, and weights stay where they are
 */
import { maxOf, minOf } from '@wafer/core';
import { applyConstants } from '../fit/least-squares.ts';
import { prefillFeatures } from './mesh-layer.ts';
import { weightBytes, widthsOf } from './model-shape.ts';
import type { ProjectedWork } from './projection.ts';
import { kernelConstants } from './wafer-kernels.ts';
import { layoutOf, slowestRegionNs, waferStep, waferStepNs } from './wafer-region.ts';
import type { WaferRun } from './wafer-region.ts';

export interface WaferPrefill {
  readonly ms: number;
  readonly schedule: 'layer by layer' | 'token by token';
  /** Of the schedule that is not taken. */
  readonly otherMs: number;
}

/** Milliseconds of a prompt, its last token's logits included. */
export function waferPrefill(work: ProjectedWork, run: WaferRun): WaferPrefill {
  const one = { ...run, layout: layoutOf(run), together: 1 };
  const layersMs = layersInTurnMs(work, run) + waferStepNs(waferStep(one)) / 1e6;
  const tokensMs = tokensInTurnMs(work, one);
  return tokensMs <= layersMs
    ? { ms: tokensMs, schedule: 'token by token', otherMs: layersMs }
    : { ms: layersMs, schedule: 'layer by layer', otherMs: tokensMs };
}

/** Least of all runs, and most of them in either schedule: a prompt's range. */
export function prefillRange(
  work: ProjectedWork,
  { best, worst }: { best: readonly WaferRun[]; worst: readonly WaferRun[] },
): { leastMs: number; mostMs: number } {
  return {
    leastMs: minOf(best.map((run) => waferPrefill(work, run).ms)),
    mostMs: maxOf(worst.map((run) => waferPrefill(work, run).otherMs)),
  };
}

/** A token meets half of its prompt on average. */
function tokensInTurnMs({ promptTokens }: ProjectedWork, run: WaferRun): number {
  const mean = { ...run, contextTokens: Math.ceil(promptTokens / 2) };
  const step = waferStep(mean);
  return (waferStepNs(step) + (promptTokens - 1) * slowestRegionNs(mean, step)) / 1e6;
}

/** Sides that are tried. */
const SIDES = 24;
/** A link of the mesh, each way and cycle. */
const LINK_BYTES = 4;

/** Layers in turn, each on the side that takes it least; weights are spread before each. */
function layersInTurnMs({ promptTokens }: ProjectedWork, { shape, wafer }: WaferRun): number {
  const constants = kernelConstants('prefill', 'WaferLLM');
  const routed = shape.experts?.layers ?? 0;
  const kinds = [
    { widths: widthsOf(shape, 'dense'), layers: shape.layers - routed },
    { widths: widthsOf(shape, 'experts'), layers: routed },
  ];
  const most = Math.min(wafer.pesAcross.value, wafer.pesDown.value);
  const cyclesAt = (side: number): number =>
    kinds.reduce(
      (sum, { widths, layers }) =>
        sum +
        layers *
          applyConstants(constants, { features: prefillFeatures(widths, promptTokens, side) }),
      0,
    );
  const sides = Array.from({ length: SIDES }, (_, i) => Math.floor((most * (i + 1)) / SIDES));
  // Experts of a prompt: all of them, once it is longer than a few tokens.
  const spread = weightBytes(shape, promptTokens === 1 ? 'met' : 'all') / (most * LINK_BYTES);
  return ((minOf(sides.map(cyclesAt)) + spread) / wafer.clockHz.value) * 1e3;
}
