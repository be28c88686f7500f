/**
 * What matrices of a decode step take on a GPU: bytes or operations, what the memory lacks of its
 * peak, and what a kernel adds before its bytes.
 *
 * Of 8-bit kernels one kind was published, with scales for blocks of weights, which is slower than
 * bf16 where matrices are small. Weights in fewer bits take whichever is less: that kind, or the
 * launch and rate of a bf16 kernel on their own bytes.
 */
import type { GpuFacts } from '@wafer/core';
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { gemvTerms } from '../ops/gpu-gemv.ts';
import type { GemvType } from '../ops/gpu-gemv.ts';
import type { DecodeMatrix } from './decode-matrices.ts';
import type { ProjectedWork } from './projection.ts';

export interface MatrixParts {
  /** Bytes at the full rate, or operations where they take longer. */
  readonly bytesUs: number;
  /** What the memory lacks of its peak. */
  readonly shortUs: number;
  /** Launch and tail of kernels. */
  readonly startUs: number;
}

export const NO_MATRICES: MatrixParts = Object.freeze({ bytesUs: 0, shortUs: 0, startUs: 0 });
const HALF_BITS = 16;

/** Microseconds of all parts. */
export function sumOfMatrices({ bytesUs, shortUs, startUs }: MatrixParts): number {
  return bytesUs + shortUs + startUs;
}

/** Parts of both, the second times a factor. */
export function addMatrices(one: MatrixParts, other: MatrixParts, times = 1): MatrixParts {
  return {
    bytesUs: one.bytesUs + times * other.bytesUs,
    shortUs: one.shortUs + times * other.shortUs,
    startUs: one.startUs + times * other.startUs,
  };
}

/** Microseconds of matrices; refused where no kernel of the type was published. */
export function matrixParts(
  { type, isBlockScaled = false }: Pick<ProjectedWork, 'type' | 'isBlockScaled'>,
  gpu: GpuFacts,
  matrices: readonly DecodeMatrix[],
): MatrixParts | Refusal {
  const peak = (gpu.opsPerS[type] ?? gpu.opsPerS.bf16)!.value;
  let sum = NO_MATRICES;
  for (const matrix of matrices) {
    const { n, k, times, bits, copies, rows } = matrix;
    const ownUs = ((n * k * bits * copies) / 8 / gpu.bandwidthBytesPerS.value) * 1e6;
    const flopsUs = ((2 * n * k * rows) / peak) * 1e6;
    const added = addedBy(gpu, matrix, { ownUs, isBlockScaled });
    if (isRefusal(added)) return added;
    sum = addMatrices(sum, { bytesUs: Math.max(ownUs, flopsUs), ...added }, times);
  }
  return sum;
}

/** What a kernel takes beyond its bytes: launch and tail whole, the rate in proportion. */
function addedBy(
  gpu: GpuFacts,
  { k, bits }: DecodeMatrix,
  { ownUs, isBlockScaled }: { ownUs: number; isBlockScaled: boolean },
): Omit<MatrixParts, 'bytesUs'> | Refusal {
  const isNarrow = bits < HALF_BITS && gpu.opsPerS.fp8 !== undefined;
  const blocks: readonly GemvType[] = isBlockScaled ? ['fp8_block'] : ['bf16', 'fp8_block'];
  const kinds: readonly GemvType[] = isNarrow ? blocks : ['bf16'];
  let least: { shortUs: number; startUs: number } | undefined;
  for (const kind of kinds) {
    const terms = gemvTerms({ gpu: gpu.name, type: kind, k });
    if (isRefusal(terms)) return terms;
    const lack = (terms.rateShare - 1) * ownUs;
    const wholeUs = Math.max(0, terms.startUs + lack);
    const shortUs = Math.min(wholeUs, Math.max(0, lack));
    const one = { shortUs, startUs: wholeUs - shortUs };
    if (least === undefined || wholeUs < least.shortUs + least.startUs) least = one;
  }
  return least!;
}
