/**
 * Block types: 32 inputs of a row share one f16 scale.
 *
 *   q8_0  34 bytes: f16 scale, then 32 i8                       value = q · scale
 *   q4_0  18 bytes: f16 scale, then 16 bytes of two nibbles     value = (nibble - 8) · scale
 *         byte i holds input i in its low nibble and input i + 16 in its high one
 *
 * Source: ggml's block formats (value ranges and roundings of its reference quantisers).
 */
import { f16ToF32, f32ToF16 } from './half.ts';

/** Inputs per block. */
export const BLOCK_COLUMNS = 32;

/** The scale of the block that starts at `offset`. */
export function blockScale(stored: Uint8Array, offset: number): number {
  return f16ToF32((stored[offset] as number) | ((stored[offset + 1] as number) << 8));
}

/** The stored integer of input `index` in the q8_0 block at `offset`. */
export function q8Integer(stored: Uint8Array, offset: number, index: number): number {
  return ((stored[offset + 2 + index] as number) << 24) >> 24;
}

/** The stored integer, minus 8, of input `index` in the q4_0 block at `offset`. */
export function q4Integer(stored: Uint8Array, offset: number, index: number): number {
  const byte = stored[offset + 2 + (index & 15)] as number;
  return (index < 16 ? byte & 15 : byte >> 4) - 8;
}

/** Writes 32 values as one q8_0 block. */
export function quantizeQ8(target: Uint8Array, offset: number, values: Float32Array): void {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const scale = Math.fround(largest / 127);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  writeScale(target, offset, scale);
  for (let i = 0; i < BLOCK_COLUMNS; i++) {
    const x = Math.fround((values[i] as number) * inverse);
    target[offset + 2 + i] = (Math.sign(x) * Math.floor(Math.abs(x) + 0.5)) & 255;
  }
}

/** Writes 32 values as one q4_0 block; the value of largest magnitude becomes -8 scales. */
export function quantizeQ4(target: Uint8Array, offset: number, values: Float32Array): void {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  const scale = Math.fround(extreme / -8);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  writeScale(target, offset, scale);
  const nibble = (i: number): number => {
    const x = Math.fround((values[i] as number) * inverse);
    return Math.min(15, Math.trunc(Math.fround(x + 8.5)));
  };
  for (let i = 0; i < 16; i++) target[offset + 2 + i] = nibble(i) | (nibble(i + 16) << 4);
}

function writeScale(target: Uint8Array, offset: number, scale: number): void {
  const half = f32ToF16(scale);
  target[offset] = half & 255;
  target[offset + 1] = half >> 8;
}
