/**
 * Cohort of energy ratios: time times nameplate power on both sides. Nobody measured power.
 */
import { tryGpuFacts, tryWaferFacts, WAFER_CLOCKS_HZ } from '@wafer/core';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { gpuGemvMs } from '../serving/gathered-gemv.ts';
import { gpuDecodeMs } from '../serving/gpu-decode.ts';
import { gpuPrefillSeconds } from '../serving/gpu-prefill.ts';
import { bestGemvSide, meshGemvCycles } from '../serving/mesh-gemv.ts';
import { tryModel } from '../serving/models.ts';
import { waferSeconds } from '../serving/wafer-kernels.ts';
import { NOTHING_FITTED } from './cohort.ts';
import type { Cohort } from './cohort.ts';

/** Sides of the fastest published grids, which the ratios are made with. */
const DECODE_SIDE = 420;
const PREFILL_SIDE = 720;
const NODE_GPUS = 8;

interface Times {
  readonly gpu: number | Refusal;
  readonly wafer: number;
}

/** What a row measures: a matrix [side, side] times a vector, or a phase of a model. */
type Workload =
  | { readonly kind: 'gemv'; readonly side: number }
  | { readonly kind: 'prefill' }
  | { readonly kind: 'decode' };

/** Reads the cell of a workload, in the notation of the table; nothing else reads it. */
function workloadOf(row: PublishedRow): Workload | Refusal {
  const cell = textAt(row, 'workload');
  if (cell === 'prefill' || cell === 'decode') return { kind: cell };
  const [, rows, columns] = /^GEMV (\d+) x (\d+)\b/.exec(cell) ?? [];
  if (rows === undefined || rows !== columns) return refuse(`${cell} is not described`);
  return { kind: 'gemv', side: Number(rows) };
}

function timesOf(row: PublishedRow): Times | Refusal {
  const workload = workloadOf(row);
  if (isRefusal(workload)) return workload;
  const gpus = numberAt(row, 'gpus');
  if (workload.kind === 'gemv') {
    const { side } = workload;
    const wafer = meshGemvCycles(side, bestGemvSide(side)) / WAFER_CLOCKS_HZ.paper.value;
    const ms = gpuGemvMs(side, gpus);
    return { gpu: isRefusal(ms) ? ms : ms / 1e3, wafer };
  }
  const shape = tryModel(textAt(row, 'model'));
  const tokens = numberAt(row, 'prompt_or_context_tokens');
  const gpu = textAt(row, 'gpu');
  if (!shape) return refuse('a model whose sizes are not known');
  if (workload.kind === 'prefill') {
    const wafer = waferSeconds('prefill', 'WaferLLM', { shape, tokens, side: PREFILL_SIDE });
    return { gpu: gpuPrefillSeconds({ shape, gpu, gpus, tokens }), wafer };
  }
  const wafer = waferSeconds('decode', 'WaferLLM', { shape, tokens, side: DECODE_SIDE });
  const ms = gpuDecodeMs({
    shape,
    gpu,
    stack: 'SGLang',
    tensorParallel: gpus,
    pipelineParallel: 1,
    expertParallel: 1,
    nodes: Math.ceil(gpus / NODE_GPUS),
    contextTokens: tokens,
  });
  return { gpu: isRefusal(ms) ? ms : ms / 1e3, wafer };
}

function ratioOf(row: PublishedRow): number | Refusal {
  const gpu = tryGpuFacts(textAt(row, 'gpu'));
  const wafer = tryWaferFacts('wse2');
  if (!gpu || !wafer || textAt(row, 'wafer') !== 'WSE-2') return refuse('power is not known');
  const times = timesOf(row);
  if (isRefusal(times)) return times;
  if (isRefusal(times.gpu)) return times.gpu;
  const gpuJoules = times.gpu * numberAt(row, 'gpus') * gpu.watts.value;
  return gpuJoules / (times.wafer * wafer.watts.value);
}

function cohort(name: string, isGemv: boolean): Cohort {
  const owns = (row: PublishedRow): boolean => {
    const workload = workloadOf(row);
    return (!isRefusal(workload) && workload.kind === 'gemv') === isGemv;
  };
  return {
    name,
    table: 'wafer-energy-ratios',
    unit: 'ratio',
    reference: 'gpu_to_wafer_energy_ratio',
    label: ['workload', 'model', 'gpu', 'gpus', 'wafer'],
    owns,
    calibrates: NOTHING_FITTED,
    fit: () => ratioOf,
  };
}

export const ENERGY_COHORTS: readonly Cohort[] = [
  cohort('energy by nameplate, decode and prefill', false),
  cohort('energy by nameplate, GEMV', true),
];
