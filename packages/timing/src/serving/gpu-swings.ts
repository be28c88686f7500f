/**
 * Figures of GPUs that are assumed, each at both ends of its range.
 */
import { isRefusal } from '../fit/refusal.ts';
import { hasAttention, rateOver, REFERENCE_GPU } from '../ops/gpu-attention.ts';
import { attentionOf, partsOf, sumOfParts } from './gpu-parts.ts';
import type { GpuAsked, GpuParts } from './gpu-parts.ts';
import type { ProjectedWork, Swing } from './projection.ts';

/** A graph's worth of nothing, to launches and host of TensorRT-LLM in 2024 on H100. */
const UNFUSED_RANGE_US = [0, 60] as const;

/** What a layer launches beside its matrices: measured on another GPU. */
export function launchSwing({ shape }: ProjectedWork, tokenUs: number, unfused: number): Swing {
  const [least, most] = UNFUSED_RANGE_US;
  return {
    figure: 'small kernels of a layer: norms, rotation, activation, sums',
    range: `${least} to ${most} us, taken ${unfused.toFixed(0)} us: SGLang on A100, not this GPU`,
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

/** Kernels of weights in fewer bits: as published for one kind, block scaled. */
export function kernelSwing(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  { parts, tokenUs, unfused }: { parts: GpuParts; tokenUs: number; unfused: number },
): Swing[] {
  if (!asked.gpu.opsPerS.fp8) return [];
  const scaled = partsOf({ ...work, isBlockScaled: true }, asked, 'sglang-custom', unfused);
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
