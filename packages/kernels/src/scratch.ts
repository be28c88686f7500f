/**
 * How much scratch memory the kernels ask for; its contents mean nothing between calls.
 */
import {
  type Activations,
  isBlockType,
  KV_BLOCK_TOKENS,
  type KvType,
  type WeightType,
} from '@wafer/core';

/** Sums of 6 tokens × 32 outputs. */
const TILE_BYTES = 768;
/** 128 inputs × 32 outputs of widened weights. */
const STRETCH_BYTES = 16384;
/** Scales of a stretch: 4 blocks × 32 outputs. */
const SCALES_BYTES = 512;

/** Of four rows: 16 weights of tokens, largest score, sum of weights, what is kept of blocks. */
const ATTENTION_STATE_BYTES = 4 * (16 + 3) * 4;

/** Sums of 32 tokens × 32 outputs, scales and a stretch of the 8-bit kernels. */
const INT8_BYTES = 4096 + SCALES_BYTES + 8192;
/** Tokens that they quantise at a time. */
const INT8_TOKENS = 32;
/** Bytes of factors per input: 8 for a block. */
const INT8_FACTOR_BYTES = 8 / 32;

/** Bytes of scratch for a linear kernel over K inputs. */
export function linearScratchBytes(
  type: WeightType,
  columnCount: number,
  activations: Activations = 'f32',
): number {
  if (activations === 'int8' && isBlockType(type)) {
    const integerBytes = type === 'q8_0' ? 2 : 1;
    return INT8_BYTES + INT8_TOKENS * columnCount * (integerBytes + INT8_FACTOR_BYTES);
  }
  switch (type) {
    case 'f32':
      return TILE_BYTES;
    case 'f16':
      return TILE_BYTES + STRETCH_BYTES + Math.ceil(columnCount / 4) * 16;
    case 'bf16':
      return TILE_BYTES + STRETCH_BYTES;
    case 'q8_0':
    case 'q4_0':
      return TILE_BYTES + SCALES_BYTES + STRETCH_BYTES;
  }
}

/** Bytes of scratch for attention: the state of four rows, a spare row, a widened KV block. */
export function attentionScratchBytes(headWidth: number, kvType: KvType): number {
  const blockBytes = kvType === 'f32' ? 0 : 2 * KV_BLOCK_TOKENS * headWidth * 4;
  return ATTENTION_STATE_BYTES + headWidth * 4 + blockBytes;
}
