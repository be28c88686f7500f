/**
 * A prompt on GPUs: operations at a share of the peak, and NCCL's all-reduces of all its rows.
 *
 * Prompts were published of A100 with SGLang alone. One GPU takes what this formula gives; eight
 * in a node took two to four times as long, as if at a fifth of the link's rate. So the range goes
 * from all of the peak to what those rows took over the formula; no row of another GPU narrows it.
 */
import { maxOf, minOf, tryGpuFacts } from '@wafer/core';
import { isRefusal } from '../fit/refusal.ts';
import { GPU_PREFILL } from '../published/gpu-prefill.ts';
import { HALF_BYTES, isAcrossNodes, reduceParts } from './gpu-links.ts';
import type { GpuAsked } from './gpu-parts.ts';
import { isAbovePeak, prefillOfRow } from './gpu-prefill.ts';
import { prefillFlops } from './prefill-flops.ts';
import type { ProjectedWork, PromptRange } from './projection.ts';
import { numberAt } from '../published/published-table.ts';

/** Of the peak: what one A100 reaches. */
export const PREFILL_EFFICIENCY = 0.7;
const MEASURED_GPU = 'A100';

type PromptWork = Pick<ProjectedWork, 'shape' | 'promptTokens' | 'type'>;

/** Milliseconds of a prompt, and at all of the peak. */
export function gpuPrompt(
  { shape, promptTokens, type }: PromptWork,
  { gpu, gpus, stages }: Required<GpuAsked>,
): { ms: number; leastMs: number } {
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  // One prompt crosses stages in turn, so that one stage works at a time.
  const group = { gpu, gpus: gpus / stages };
  const leastS = prefillFlops(shape, promptTokens) / (group.gpus * peak);
  const reduce = reduceParts(group, 'nccl', promptTokens * shape.hidden * HALF_BYTES);
  const reduceUs = isRefusal(reduce) ? 0 : reduce.wireUs + reduce.softwareUs;
  const linksMs = (2 * shape.layers * reduceUs) / 1e3;
  return { ms: (leastS / PREFILL_EFFICIENCY) * 1e3 + linksMs, leastMs: leastS * 1e3 + linksMs };
}

/** Published over formula, of rows alike: on one GPU, in a node, or across nodes. */
function publishedOver(asked: Required<GpuAsked>): { gpus: number[]; ratios: number[] } {
  const gpu = tryGpuFacts(MEASURED_GPU)!;
  const kindOf = (group: GpuAsked): number => (group.gpus === 1 ? 0 : isAcrossNodes(group) ? 2 : 1);
  const wanted = kindOf({ gpu: asked.gpu, gpus: asked.gpus / asked.stages });
  const alike = GPU_PREFILL.rows.flatMap((row) => {
    const use = prefillOfRow(row);
    if (!use || isAbovePeak(row) || kindOf({ gpu, gpus: use.gpus }) !== wanted) return [];
    const work = { shape: use.shape, promptTokens: use.tokens, type: 'bf16' } as const;
    const { ms } = gpuPrompt(work, { gpu, gpus: use.gpus, stages: 1 });
    const published = (use.tokens / numberAt(row, 'tokens_per_second')) * 1e3;
    return [{ gpus: use.gpus, ratio: published / ms }];
  });
  return {
    gpus: [...new Set(alike.map(({ gpus }) => gpus))],
    ratios: alike.map(({ ratio }) => ratio),
  };
}

/** Least and most until the first token, and what says so. */
export function promptRange(
  work: PromptWork,
  asked: Required<GpuAsked>,
  ttftMs: number,
): PromptRange {
  const { ms, leastMs } = gpuPrompt(work, asked);
  const { gpus, ratios } = publishedOver(asked);
  const [least, most] = [minOf(ratios), maxOf(ratios)];
  const tokenMs = ttftMs - ms;
  const elsewhere = asked.gpu.name === MEASURED_GPU ? '' : `, none on ${asked.gpu.name}`;
  return {
    lowMs: tokenMs + Math.min(leastMs, ms * least),
    highMs: tokenMs + ms * Math.max(1, most),
    text:
      `${ratios.length} rows of ${gpus.join(', ')} ${MEASURED_GPU} with SGLang took ` +
      `${least.toFixed(2)} to ${most.toFixed(2)} times what this formula gives of them` +
      `${elsewhere}; least: all of the peak`,
  };
}
