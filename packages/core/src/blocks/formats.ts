/**
 * All block types, by name: a type of a matrix is a scalar type or one of these.
 */
import type { BlockFormat } from './block-format.ts';
import { F8_E4M3, F8_E5M2 } from './f8.ts';
import { IQ4_NL } from './iq4-nl.ts';
import { IQ4_XS } from './iq4-xs.ts';
import { Q2_K, Q3_K, Q4_K, Q5_K, Q6_K } from './k-formats.ts';
import { K_QUANTS, type KType } from './k-quants.ts';
import { MXFP4 } from './mxfp4.ts';
import { Q4_0 } from './q4-0.ts';
import { Q4_1 } from './q4-1.ts';
import { Q5_0 } from './q5-0.ts';
import { Q5_1 } from './q5-1.ts';
import { Q8_0 } from './q8-0.ts';

/** Weight types that hold one number per input. */
export type ScalarType = 'f32' | 'f16' | 'bf16';

/** Weight types whose inputs share scales by blocks. */
export type BlockType =
  | 'q8_0'
  | 'q4_0'
  | 'q4_1'
  | 'q5_0'
  | 'q5_1'
  | 'iq4_nl'
  | 'iq4_xs'
  | 'mxfp4'
  | 'f8_e4m3'
  | 'f8_e5m2'
  | KType;

export const BLOCK_FORMATS: Readonly<Record<BlockType, BlockFormat>> = {
  q8_0: Q8_0,
  q4_0: Q4_0,
  q4_1: Q4_1,
  q5_0: Q5_0,
  q5_1: Q5_1,
  iq4_nl: IQ4_NL,
  iq4_xs: IQ4_XS,
  mxfp4: MXFP4,
  f8_e4m3: F8_E4M3,
  f8_e5m2: F8_E5M2,
  q2_k: Q2_K,
  q3_k: Q3_K,
  q4_k: Q4_K,
  q5_k: Q5_K,
  q6_k: Q6_K,
};

export function isBlockType(type: ScalarType | BlockType): type is BlockType {
  return Object.hasOwn(BLOCK_FORMATS, type);
}

export function isKType(type: ScalarType | BlockType): type is KType {
  return Object.hasOwn(K_QUANTS, type);
}

/** Writes values as blocks. Shapes: values [columns], whole blocks. */
export function quantizeBlocks(
  type: BlockType,
  target: Uint8Array,
  offset: number,
  values: Float32Array,
): void {
  const { blockColumns, blockBytes, quantize } = BLOCK_FORMATS[type];
  if (!quantize) throw new RangeError(`there is no quantizer for ${type}`);
  for (let at = 0; at < values.length; at += blockColumns) {
    const block = values.subarray(at, at + blockColumns);
    quantize(target, offset + (at / blockColumns) * blockBytes, block);
  }
}
