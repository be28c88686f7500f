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

function timesOf(row: PublishedRow): Times | Refusal {
  const workload = textAt(row, 'workload');
  const gpus = numberAt(row, 'gpus');
  const gemv = /^GEMV (\d+) x/.exec(workload);
  if (gemv) {
    const n = Number(gemv[1]);
    const wafer = meshGemvCycles(n, bestGemvSide(n)) / WAFER_CLOCKS_HZ.paper.value;
    const ms = gpuGemvMs(n, gpus);
    return { gpu: isRefusal(ms) ? ms : ms / 1e3, wafer };
  }
  const shape = tryModel(textAt(row, 'model'));
  const tokens = numberAt(row, 'prompt_or_context_tokens');
  const gpu = textAt(row, 'gpu');
  if (!shape) return refuse('a model whose sizes are not known');
  if (workload === 'prefill') {
    const wafer = waferSeconds('prefill', 'WaferLLM', { shape, tokens, side: PREFILL_SIDE });
    return { gpu: gpuPrefillSeconds({ shape, gpu, gpus, tokens }), wafer };
  }
  if (workload !== 'decode') return refuse(`${workload} is not described`);
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
  return {
    name,
    table: 'wafer-energy-ratios',
    unit: 'ratio',
    reference: 'gpu_to_wafer_energy_ratio',
    label: ['workload', 'model', 'gpu', 'gpus', 'wafer'],
    owns: (row) => textAt(row, 'workload').startsWith('GEMV') === isGemv,
    calibrates: NOTHING_FITTED,
    fit: () => ratioOf,
  };
}

export const ENERGY_COHORTS: readonly Cohort[] = [
  cohort('energy by nameplate, decode and prefill', false),
  cohort('energy by nameplate, GEMV', true),
];
