/**
 * What matrices of a decode step take on a GPU: bytes or operations, and what a kernel adds.
 */
import type { GpuFacts } from '@wafer/core';
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { gemvTerms } from '../ops/gpu-gemv.ts';
import type { DecodeMatrix } from './decode-matrices.ts';
import type { ProjectedWork } from './projection.ts';

/** Microseconds of matrices; refused where no kernel of the type was published. */
export function matrixParts(
  { type }: Pick<ProjectedWork, 'type'>,
  gpu: GpuFacts,
  matrices: readonly DecodeMatrix[],
): { bytesUs: number; rampUs: number } | Refusal {
  const kernelType = type === 'bf16' || !gpu.opsPerS.fp8 ? 'bf16' : 'fp8_block';
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  let bytesUs = 0;
  let rampUs = 0;
  for (const { n, k, times, bits, copies, rows } of matrices) {
    const terms = gemvTerms({ gpu: gpu.name, type: kernelType, k });
    if (isRefusal(terms)) return terms;
    const ownUs = ((n * k * bits * copies) / 8 / gpu.bandwidthBytesPerS.value) * 1e6;
    const flopsUs = ((2 * n * k * rows) / peak) * 1e6;
    bytesUs += times * Math.max(ownUs, flopsUs);
    // What a kernel takes beyond its bytes: launch and tail whole, the rate in proportion.
    rampUs += times * Math.max(0, terms.startUs + (terms.rateShare - 1) * ownUs);
  }
  return { bytesUs, rampUs };
}
