/**
 * Figures of GPUs that are assumed, each at both ends of its range.
 */
import { maxOf, minOf, tryGpuFacts } from '@wafer/core';
import { isRefusal } from '../fit/refusal.ts';
import { hasAttention, rateOver, REFERENCE_GPU } from '../ops/gpu-attention.ts';
import {
  HALF_BYTES,
  isAcrossNodes,
  isMeasuredReduce,
  reduceTitle,
  stackReduces,
} from './gpu-links.ts';
import { attentionOf, partsOf, sumOfParts, UNFUSED_GPU } from './gpu-parts.ts';
import type { GpuAsked, GpuParts } from './gpu-parts.ts';
import type { ProjectedWork, Swing } from './projection.ts';

/** A graph's worth of nothing, to launches and host of TensorRT-LLM in 2024 on H100. */
const UNFUSED_RANGE_US = [0, 60] as const;

/** What a layer launches beside its matrices: measured on one GPU, with one stack. */
export function launchSwing(
  { shape }: ProjectedWork,
  { gpu }: GpuAsked,
  { tokenUs, unfused }: { tokenUs: number; unfused: number },
): Swing {
  const [least, most] = UNFUSED_RANGE_US;
  const whose = `SGLang on ${UNFUSED_GPU}${gpu.name === UNFUSED_GPU ? '' : ', not this GPU'}`;
  return {
    figure: 'small kernels of a layer: norms, rotation, activation, sums',
    range: `${least} to ${most} us, taken ${unfused.toFixed(0)} us: ${whose}`,
    lowUs: tokenUs - shape.layers * (unfused - least),
    highUs: tokenUs + shape.layers * (most - unfused),
  };
}

/** Attention of a GPU without rows: all of another's, or all of it at its own memory's rate. */
export function attentionSwing(
  work: ProjectedWork,
  { gpu }: GpuAsked,
  { parts, tokenUs }: { parts: GpuParts & { cut: number }; tokenUs: number },
): Swing[] {
  if (hasAttention(gpu.name)) return [];
  const wholeUs = attentionOf(work, REFERENCE_GPU, parts.cut);
  if (isRefusal(wholeUs)) return [];
  return [
    {
      figure: `attention, not published on ${gpu.name}`,
      range:
        `${REFERENCE_GPU}'s at the rate of its own memory to ${REFERENCE_GPU}'s own, taken ` +
        `that launch and its own rate beyond it`,
      lowUs: tokenUs - parts.attentionUs + wholeUs * rateOver(gpu),
      highUs: tokenUs - parts.attentionUs + wholeUs,
    },
  ];
}

/**
 * All-reduces of other stacks, and where a GPU's own was not measured another GPU's: exchanges take
 * as much less or more.
 */
export function reduceSwing(
  { shape, batch }: ProjectedWork,
  { gpu, gpus, stages }: Required<GpuAsked>,
  { parts, tokenUs }: { parts: GpuParts & { cut: number }; tokenUs: number },
): Swing[] {
  const group = { gpu, gpus: parts.cut };
  if (parts.cut < 2 || isAcrossNodes({ gpu, gpus: gpus / stages })) return [];
  const bytes = batch * shape.hidden * HALF_BYTES;
  const own = stackReduces(group, bytes);
  const [taken] = own;
  if (!taken) return [];
  const isOwn = isMeasuredReduce(group, taken.reduce);
  const reference = tryGpuFacts(REFERENCE_GPU)!;
  const others = isOwn ? [] : stackReduces({ gpu: reference, gpus: parts.cut }, bytes);
  const all = [...own, ...others].map(({ us }) => us / taken.us);
  const linkUs = parts.wireUs + parts.linkUs;
  const title = reduceTitle(gpu, taken.reduce);
  const names = own.map(({ reduce }) => reduceTitle(gpu, reduce)).join(', ');
  const elsewhere = `, not published on ${parts.cut} ${gpu.name}: told from sets of other GPUs`;
  return [
    {
      figure: 'all-reduce',
      range:
        `quickest to slowest of ${names}${isOwn ? '' : ` and ${REFERENCE_GPU}'s`}, taken ` +
        `${title}${isOwn ? '' : elsewhere}`,
      lowUs: tokenUs + linkUs * (minOf(all) - 1),
      highUs: tokenUs + linkUs * (maxOf(all) - 1),
    },
  ];
}

/** Kernels of weights in fewer bits: as published for one kind, block scaled. */
export function kernelSwing(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  { parts, tokenUs, unfused }: { parts: GpuParts; tokenUs: number; unfused: number },
): Swing[] {
  if (!asked.gpu.opsPerS.fp8) return [];
  const scaled = partsOf({ ...work, isBlockScaled: true }, asked, 'stack', unfused);
  if (isRefusal(scaled) || sumOfParts(scaled) <= sumOfParts(parts)) return [];
  return [
    {
      figure: 'kernels of weights in fewer bits',
      range: "launch and rate of bf16's (taken where less) to fp8 scaled by blocks, as measured",
      lowUs: tokenUs,
      highUs: tokenUs + sumOfParts(scaled) - sumOfParts(parts),
    },
  ];
}
