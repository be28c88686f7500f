/**
 * A prompt that is filled in chunks beside decoding sequences, as the engine schedules it: every
 * step takes a row of each decode first and then a chunk of the prompt, until it is done.
 *
 *   step      matrices once for decode rows and chunk; attention of both; their exchanges
 *   others    get a token a step, so the step is their time of a token
 *   prompt    steps = prompt / chunk; its first token comes with the last of them
 *
 * One step is under way at a time, also on wafers: there rows of a chunk follow each other through
 * the regions, and the next chunk waits until the last one has left.
 */
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { sumOfMatrices } from './gpu-matrix-parts.ts';
import type { MatrixParts } from './gpu-matrix-parts.ts';
import { meanAttended } from './model-shape.ts';
import type { BesideTime, ProjectedWork } from './projection.ts';
import type { WaferRun, WaferStep } from './wafer-region.ts';

/** Steps that a prompt takes, and microseconds of one of them and of a step without a prompt. */
export function besideTime(
  { promptTokens, batch }: ProjectedWork,
  use: { chunkTokens: number; stepUs: number; aloneUs: number },
): BesideTime {
  const { stepUs, aloneUs } = use;
  const chunkTokens = Math.min(use.chunkTokens, promptTokens);
  const steps = Math.ceil(promptTokens / chunkTokens);
  return {
    chunkTokens,
    steps,
    stepUs,
    ttftMs: (steps * stepUs) / 1e3,
    slowdown: stepUs / aloneUs,
    tokensPerS: ((batch + chunkTokens) * 1e6) / stepUs,
  };
}

/** Microseconds of kinds of work of a step on GPUs. */
interface StepParts {
  readonly matrices: MatrixParts;
  readonly attentionUs: number;
  readonly wireUs: number;
  readonly linkUs: number;
  readonly unfusedUs: number;
}

/**
 * Beside on GPUs. `partsAt` tells the parts of a step of as many rows; `opsPerS` is what prompts
 * reach on all GPUs of a stage.
 */
export function besideGpu(
  work: ProjectedWork,
  partsAt: (rows: number) => StepParts | Refusal,
  opsPerS: number,
): BesideTime | undefined {
  if (work.chunkTokens === undefined) return undefined;
  const chunkTokens = Math.min(work.chunkTokens, work.promptTokens);
  const [alone, both] = [partsAt(work.batch), partsAt(work.batch + chunkTokens)];
  if (isRefusal(alone) || isRefusal(both)) return undefined;
  const { layers, heads, headWidth } = work.shape;
  // Scores and values of a chunk over half the prompt, on average.
  const seen = meanAttended(work.shape, work.promptTokens / 2);
  const flops = 4 * chunkTokens * seen * heads * headWidth * layers;
  const attentionUs = alone.attentionUs + (flops / opsPerS) * 1e6;
  const stepUs = sumOf({ ...both, attentionUs });
  return besideTime(work, { chunkTokens, stepUs, aloneUs: sumOf(alone) });
}

function sumOf(parts: StepParts): number {
  const { matrices, attentionUs, wireUs, linkUs, unfusedUs } = parts;
  return sumOfMatrices(matrices) + attentionUs + wireUs + linkUs + unfusedUs;
}

/** Beside on wafers: rows of the chunk follow each other through the regions and the I/O. */
export function besideWafer(
  work: ProjectedWork,
  run: WaferRun,
  { step, tokenUs }: { step: WaferStep; tokenUs: number },
): BesideTime | undefined {
  if (work.chunkTokens === undefined) return undefined;
  const { shape } = work;
  const chunkTokens = Math.min(work.chunkTokens, work.promptTokens);
  const layerNs = (step.macsNs + step.softwareNs + step.hopsNs) / shape.layers;
  const rowNs = (shape.hidden * HALF_BYTES * 1e9) / run.wafer.ioBytesPerS.value;
  // The head takes the last row of a prompt only.
  const stepUs = tokenUs + (chunkTokens * Math.max(layerNs, rowNs)) / 1e3;
  return besideTime(work, { chunkTokens, stepUs, aloneUs: tokenUs });
}

const HALF_BYTES = 2;
