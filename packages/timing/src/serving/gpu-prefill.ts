/**
 * Prefill on GPUs: operations at a share of the peak, and all-reduces at the rate of a link.
 *
 *   s = operations / GPUs / peak / efficiency + bytes within / rate + bytes across / rate
 *       + all-reduces * start
 *
 * One constant of matrix kernels and three of all-reduces are fitted, and say which link the rows
 * imply: 8 A100 of the published runs exchange activations at a fifth of NVLink's rate and lose
 * two milliseconds beside each all-reduce, which is no node whose all-reduces are published.
 * Source: WaferLLM (arXiv 2502.04563v3) Table 3, SGLang.
 */
import { tryGpuFacts } from '@wafer/core';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { GPU_PREFILL } from '../published/gpu-prefill.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import type { ModelShape } from './model-shape.ts';
import { tryModel } from './models.ts';
import { prefillFlops } from './prefill-flops.ts';

export interface GpuPrefillUse {
  readonly shape: ModelShape;
  readonly gpu: string;
  readonly gpus: number;
  readonly tokens: number;
}

const NODE_GPUS = 8;
const HALF_BYTES = 2;

/** What the constants multiply: seconds at the peak, GB within a node, GB across, all-reduces. */
export function prefillSecondsFeatures(use: GpuPrefillUse): number[] {
  const { shape, gpu, gpus, tokens } = use;
  const peak = tryGpuFacts(gpu)?.opsPerS.bf16?.value ?? Number.NaN;
  const message = tokens * shape.hidden * HALF_BYTES;
  const reduces = gpus > 1 ? 2 * shape.layers : 0;
  const gigabytes = (reduces * ((2 * (gpus - 1)) / gpus) * message) / 1e9;
  const isAcross = gpus > NODE_GPUS;
  return [
    prefillFlops(shape, tokens) / gpus / peak,
    isAcross ? 0 : gigabytes,
    isAcross ? gigabytes : 0,
    reduces,
  ];
}

/** A row as a use; undefined where its model is unknown. */
export function prefillOfRow(row: PublishedRow): GpuPrefillUse | undefined {
  const shape = tryModel(textAt(row, 'model'));
  if (!shape) return undefined;
  const gpus = numberAt(row, 'gpus');
  return { shape, gpu: textAt(row, 'gpu'), gpus, tokens: numberAt(row, 'prompt_tokens') };
}

/** Whether a published rate is more than the chips can do. */
export function isAbovePeak(row: PublishedRow): boolean {
  const use = prefillOfRow(row);
  if (!use) return false;
  const seconds = use.tokens / numberAt(row, 'tokens_per_second');
  return prefillSecondsFeatures(use)[0]! > seconds;
}

/** Constants from rows. */
export function fitPrefill(rows: readonly PublishedRow[]): number[] {
  return fitConstants(
    rows.flatMap((row) => {
      const use = prefillOfRow(row);
      if (!use) return [];
      const measured = use.tokens / numberAt(row, 'tokens_per_second');
      return [{ features: prefillSecondsFeatures(use), measured }];
    }),
  );
}

let ours: readonly number[] | undefined;

/** What given rows imply: share of the peak, GB/s within a node and across two, start. */
export function impliedPrefill(): {
  efficiency: number;
  nodeGbPerS: number;
  clusterGbPerS: number;
  startMs: number;
} {
  ours ??= fitPrefill(GPU_PREFILL.rows.filter((row) => !isAbovePeak(row)));
  const [compute = 0, within = 0, across = 0, start = 0] = ours;
  const rates = { nodeGbPerS: 1 / within, clusterGbPerS: 1 / across };
  return { efficiency: 1 / compute, ...rates, startMs: start * 1e3 };
}

/** Seconds of a prompt on GPUs as published rows have them. */
export function gpuPrefillSeconds(use: GpuPrefillUse): number | Refusal {
  if (use.gpu !== 'A100') return refuse('prefill is published for A100 only');
  impliedPrefill();
  return applyConstants(ours!, { features: prefillSecondsFeatures(use) });
}
