/**
 * Cohorts of whole layers on WSE-2: decode, prefill, and answers from prompt to last token.
 */
import { applyConstants } from '../fit/least-squares.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { WAFER_CLOCKS_HZ } from '@wafer/core';
import { gpuDecodeMs } from '../serving/gpu-decode.ts';
import { gpuPrefillSeconds } from '../serving/gpu-prefill.ts';
import { tryModel } from '../serving/models.ts';
import {
  fitKernels,
  layerFeatures,
  runOfRow,
  setsKernels,
  WAFER_SYSTEMS,
  waferSeconds,
} from '../serving/wafer-kernels.ts';
import type { WaferPhase, WaferSystem } from '../serving/wafer-kernels.ts';
import { NOTHING_FITTED } from './cohort.ts';
import type { Cohort, Predictor } from './cohort.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';

const ROW = ['model', 'system', 'machine', 'grid_width_pes', 'grid_height_pes'] as const;

function layerCohort(phase: WaferPhase, system: WaferSystem): Cohort {
  const suffix = system === 'WaferLLM' ? '' : `, ${system}`;
  return {
    name: `wafer ${phase}${suffix}`,
    table: `wafer-${phase}`,
    unit: 'tokens/s',
    reference: 'tokens_per_second',
    label: [...ROW, phase === 'decode' ? 'context_tokens' : 'prompt_tokens'],
    machine: (row) => textAt(row, 'machine'),
    owns: (row) => textAt(row, 'system') === system,
    calibrates: (row) => textAt(row, 'system') === system && setsKernels(phase, row),
    fit: (rows): Predictor => {
      const constants = fitKernels(phase, system, rows);
      return (row) => tokensPerS(phase, system, constants, row);
    },
  };
}

function tokensPerS(
  phase: WaferPhase,
  system: WaferSystem,
  constants: readonly number[],
  row: PublishedRow,
): number | Refusal {
  if (textAt(row, 'machine') !== 'WSE-2') return refuse('kernels are published for WSE-2 only');
  const run = runOfRow(phase, row);
  if (!run) return refuse('a model whose sizes are not known, or a grid that is no square');
  const cycles = applyConstants(constants, { features: layerFeatures(phase, system, run) });
  const tokens = phase === 'decode' ? 1 : run.tokens;
  return (tokens / (cycles * run.shape.layers)) * WAFER_CLOCKS_HZ.paper.value;
}

/**
 * Sides that the paper ran end to end, where a row names none: by layers, 32 (8B) and 40 (13B).
 * Only WaferLLM lays a model out anew between prompt and answer; of others an answer stays where
 * its prompt was.
 */
const END_TO_END_SIDES: Readonly<Record<number, { prefill: number; decode: number }>> = {
  32: { prefill: 660, decode: 360 },
  40: { prefill: 750, decode: 375 },
};

/** Tokens of an answer over seconds of prompt and answer. */
function endToEnd(row: PublishedRow): number | Refusal {
  const shape = tryModel(textAt(row, 'model'));
  if (!shape) return refuse('a model whose sizes are not known');
  const prompt = numberAt(row, 'prompt_tokens');
  const generated = numberAt(row, 'generated_tokens');
  // The context grows from the prompt to prompt and answer: its mean stands for all steps.
  const context = prompt + generated / 2;
  const system = WAFER_SYSTEMS.find((name) => name === textAt(row, 'system'));
  if (system === undefined) {
    if (textAt(row, 'system') !== 'SGLang') return refuse('a stack without published kernels');
    return gpuEndToEnd(row, { prompt, generated, context });
  }
  const usual = END_TO_END_SIDES[shape.layers];
  const prefillSide = numberAt(row, 'prefill_grid_side_pes') || usual?.prefill;
  const decodeSide =
    numberAt(row, 'decode_grid_side_pes') || (system === 'WaferLLM' ? usual?.decode : prefillSide);
  if (!prefillSide || !decodeSide) return refuse('the sides of its grids are not stated');
  const prefill = waferSeconds('prefill', system, { shape, tokens: prompt, side: prefillSide });
  const step = waferSeconds('decode', system, { shape, tokens: context, side: decodeSide });
  return generated / (prefill + generated * step);
}

function gpuEndToEnd(
  row: PublishedRow,
  { prompt, generated, context }: { prompt: number; generated: number; context: number },
): number | Refusal {
  const shape = tryModel(textAt(row, 'model'))!;
  const gpus = numberAt(row, 'devices');
  if (prompt !== 4096 || generated !== 4096) {
    return refuse("rows other than 4096/4096 do not agree with the same paper's own tables");
  }
  const prefill = gpuPrefillSeconds({ shape, gpu: textAt(row, 'machine'), gpus, tokens: prompt });
  const step = gpuDecodeMs({
    shape,
    gpu: textAt(row, 'machine'),
    stack: 'SGLang',
    tensorParallel: gpus,
    pipelineParallel: 1,
    expertParallel: 1,
    nodes: Math.ceil(gpus / 8),
    contextTokens: context,
  });
  if (typeof prefill !== 'number') return prefill;
  if (typeof step !== 'number') return step;
  return generated / (prefill + (generated * step) / 1e3);
}

const END_LABEL = ['model', 'system', 'machine', 'devices', 'prompt_tokens', 'generated_tokens'];

function endCohort(name: string, systems: readonly string[]): Cohort {
  return {
    name,
    table: 'wafer-end-to-end',
    unit: 'tokens/s',
    reference: 'tokens_per_second',
    label: END_LABEL,
    owns: (row) => systems.includes(textAt(row, 'system')),
    calibrates: NOTHING_FITTED,
    fit: () => endToEnd,
  };
}

export const WAFER_LAYER_COHORTS: readonly Cohort[] = [
  ...WAFER_SYSTEMS.map((system) => layerCohort('decode', system)),
  ...WAFER_SYSTEMS.map((system) => layerCohort('prefill', system)),
  endCohort('wafer end to end', ['WaferLLM']),
  endCohort('wafer end to end, T10 and Ladder', ['T10', 'Ladder']),
  endCohort('GPU end to end', ['SGLang']),
];
