/**
 * How keys and values are stored in the KV cache. Attention computes with what is stored.
 *
 *   f32    as they are
 *   f16    the nearest f16, ties to even; magnitudes stop at the largest, 65,504
 *   q8_0   per position, a head's elements in blocks of 32 (`kvScaleColumns`): one f16 scale,
 *          largest magnitude / 127, and an i8 each; value = q · scale, exact in f32
 *
 * Integers are x · (1 / scale) with the scale as f32, halves rounded away from zero; a block whose
 * scale is 0 as f16 is all zeros.
 *
 * Source: ggml's block format and reference quantizer for q8_0.
 */
import { F32_BYTES } from './cost.ts';
import { f16ToF32, f32ToF16 } from '../blocks/half.ts';

/** What an element of keys and values is stored as. */
export type KvType = 'f32' | 'f16' | 'q8_0';

export const KV_TYPES: readonly KvType[] = ['f32', 'f16', 'q8_0'];

/** Elements of a head that share a scale at most. */
const SCALE_COLUMNS_MAX = 32;
const F16_BYTES = 2;
const F16_MAX = 65504;

/** Elements of a head that share a scale: the largest power of two that divides it, up to 32. */
export function kvScaleColumns(headWidth: number): number {
  let columns = SCALE_COLUMNS_MAX;
  while (headWidth % columns !== 0) columns /= 2;
  return columns;
}

/** Bytes of one position's keys, or values, of one head. */
export function kvRowBytes(type: KvType, headWidth: number): number {
  if (type === 'f32') return headWidth * F32_BYTES;
  if (type === 'f16') return headWidth * F16_BYTES;
  return headWidth + (headWidth / kvScaleColumns(headWidth)) * F16_BYTES;
}

/** Replaces keys or values by what a cache of a type keeps of them. Shapes: [rows, headWidth]. */
export function roundKv(type: KvType, values: Float32Array, headWidth: number): void {
  if (type === 'f32') return;
  if (type === 'f16') {
    values.forEach((value, i) => (values[i] = f16ToF32(halfOf(value))));
    return;
  }
  const columns = kvScaleColumns(headWidth);
  for (let at = 0; at < values.length; at += columns) {
    roundBlock(values.subarray(at, at + columns));
  }
}

function roundBlock(block: Float32Array): void {
  const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = Math.fround(largest / 127);
  const stored = f16ToF32(halfOf(scale));
  const inverse = stored === 0 ? 0 : Math.fround(1 / scale);
  block.forEach((value, i) => {
    const x = Math.fround(value * inverse);
    const q = Math.floor(Math.abs(x) + 0.5);
    block[i] = q === 0 ? 0 : Math.sign(x) * q * stored;
  });
}

function halfOf(value: number): number {
  return f32ToF16(Math.max(-F16_MAX, Math.min(F16_MAX, value)));
}
