/**
 * How much scratch memory the kernels ask for; its contents mean nothing between calls.
 */
import {
  type Activations,
  BLOCK_FORMATS,
  type BlockType,
  isInt8Type,
  isKType,
  KV_BLOCK_TOKENS,
  LOW_RANK_PANEL,
  type KvType,
  type WeightType,
} from '@wafer/core';

/** Sums of 6 tokens × 32 outputs. */
const TILE_BYTES = 768;
/** 128 inputs × 32 outputs of widened weights. */
const STRETCH_BYTES = 16384;
/** Inputs of a stretch. */
const STRETCH_INPUTS = 128;
/** Scales or minima of a group of a stretch: 32 outputs. */
const GROUP_BYTES = 128;
/** Tokens whose sums of x are kept at a time. */
const SUMS_TOKENS = 64;

/** Of four rows: 16 weights of tokens, largest score, sum of weights, what is kept of blocks. */
const ATTENTION_STATE_BYTES = 4 * (16 + 3) * 4;

/** Sums of 32 tokens × 32 outputs, scales and a stretch of the 8-bit kernels. */
const INT8_BYTES = 4096 + 512 + 8192;
/** Tokens that they quantize at a time. */
const INT8_TOKENS = 32;
/** Bytes of factors per input: 8 for a block. */
const INT8_FACTOR_BYTES = 8 / 32;

/** Bytes of scratch for a linear kernel over K inputs. */
export function linearScratchBytes(
  type: WeightType,
  columnCount: number,
  activations: Activations = 'f32',
): number {
  if (activations === 'int8' && isInt8Type(type)) {
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
    default:
      return blockScratchBytes(type, columnCount);
  }
}

/**
 * A tile, scales and minima of a stretch, the stretch; with minima, sums of x. One token of a
 * K-quant has d, dmin, sums of x and a row of inputs in their place.
 */
function blockScratchBytes(type: BlockType, columnCount: number): number {
  const { groupColumns, minimum } = BLOCK_FORMATS[type];
  const groups = 2 * (STRETCH_INPUTS / groupColumns) * GROUP_BYTES;
  const sums = minimum ? SUMS_TOKENS * Math.ceil(columnCount / groupColumns / 4) * 16 : 0;
  const vector = 2 * GROUP_BYTES + Math.ceil(columnCount / groupColumns) * 4 + columnCount * 4;
  const stretches = groups + STRETCH_BYTES + sums;
  return TILE_BYTES + (isKType(type) ? Math.max(stretches, vector) : stretches);
}

/** Bytes of scratch for changes of a rank: four rows of it, and a panel of their outputs. */
export function lowRankScratchBytes(rank: number): number {
  return 4 * (rank + LOW_RANK_PANEL) * 4;
}

/** Bytes of scratch for attention: the state of four rows, a spare row, a widened KV block. */
export function attentionScratchBytes(headWidth: number, kvType: KvType): number {
  const blockBytes = kvType === 'f32' ? 0 : 2 * KV_BLOCK_TOKENS * headWidth * 4;
  return ATTENTION_STATE_BYTES + headWidth * 4 + blockBytes;
}
