/**
 * The K-quants as block types: what the canonical order multiplies, and how SRAM differs.
 *
 * Random values are products of uniform s and q, and of m: the mean of q in units of dmin cancels
 * that of s · q. Signed ones have a twentieth more: their d are subnormal, and vary most.
 *
 * A group is a sub-block. Its minimum raises values, so it is -dmin · m. In SRAM the 6-bit s and m
 * of q3_k, q4_k and q5_k are bytes: 3.6, 2.8 and 2.3 % more than in a file. The unit is the place
 * of the highest field of `scripts/k-blocks.ts` of the kernels.
 */
import type { BlockFormat } from './block-format.ts';
import { quantizeK } from './k-quantize.ts';
import { K_COLUMNS, K_QUANTS, type KType } from './k-quants.ts';

export const Q2_K: BlockFormat = formatOf('q2_k', {
  unit: 2 ** 6,
  halfOffsets: [80, 82],
  ggml: { number: 10, fileType: 10 },
  random: { deviation: 13.87, secondHalf: 1.5 },
});

export const Q3_K: BlockFormat = formatOf('q3_k', {
  unit: 2 ** 29,
  halfOffsets: [108],
  ggml: { number: 11, fileType: 11 },
  random: { deviation: 45.5 },
  packedBlockBytes: 114,
});

export const Q4_K: BlockFormat = formatOf('q4_k', {
  unit: 2 ** 4,
  halfOffsets: [0, 2],
  ggml: { number: 12, fileType: 14 },
  random: { deviation: 258.3, secondHalf: 7.5 },
  packedBlockBytes: 148,
});

export const Q5_K: BlockFormat = formatOf('q5_k', {
  unit: 2 ** 10,
  halfOffsets: [0, 2],
  ggml: { number: 13, fileType: 16 },
  random: { deviation: 526.9, secondHalf: 15.5 },
  packedBlockBytes: 180,
});

export const Q6_K: BlockFormat = formatOf('q6_k', {
  unit: 2 ** 26,
  halfOffsets: [208],
  ggml: { number: 14, fileType: 18 },
  random: { deviation: 1434 },
});

function formatOf(
  type: KType,
  more: Pick<BlockFormat, 'unit' | 'halfOffsets' | 'packedBlockBytes' | 'ggml' | 'random'>,
): BlockFormat {
  const { blockBytes, subColumns, integer, scale, minimum } = K_QUANTS[type];
  return {
    ...more,
    blockColumns: K_COLUMNS,
    groupColumns: subColumns,
    blockBytes,
    integer,
    scale,
    ...(minimum && { minimum: (stored, block, sub) => -minimum(stored, block, sub) }),
    quantize: (target, offset, values) => quantizeK(type, target, offset, values),
  };
}
