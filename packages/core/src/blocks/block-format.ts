/**
 * What a block type is: how a file stores it, and which numbers the canonical order multiplies.
 *
 *   value = integer · scale (+ minimum)        scale and minimum belong to a group of a block
 *
 * A new type is one file here with such an object, one row in `formats.ts`, and one file of the
 * same name in the kernels' `assembly/blocks`.
 */
import { f16ToF32, f32ToF16 } from './half.ts';

export interface BlockFormat {
  /** Inputs per block: the columns of a matrix must be a multiple of it. */
  blockColumns: number;
  /** Inputs that share a scale: one chain of the canonical order. Divides `blockColumns`. */
  groupColumns: number;
  /** Bytes of one block in a file. */
  blockBytes: number;
  /** Bytes of one block in SRAM, as a panel's average; default: `blockBytes`. */
  packedBlockBytes?: number;
  /** Power of two that the integers are multiplied by inside a sum, and the scale divided by. */
  unit: number;
  /** Where in a block f16 numbers lie: what must be finite. */
  halfOffsets: readonly number[];
  /** What ggml calls it: the number of its type, and of a file of it; absent where it has none. */
  ggml?: { number: number; fileType: number };
  /**
   * Of random bytes, with 1 for the first f16: the standard deviation of values, and the second f16
   * that moves their mean to 0. Made-up weights are scaled by it.
   */
  random: { deviation: number; secondHalf?: number };
  /** The stored integer of input `index` in the block at `offset`. */
  integer: (stored: Uint8Array, offset: number, index: number) => number;
  /** The scale of a group, exact as f32. */
  scale: (stored: Uint8Array, offset: number, group: number) => number;
  /** What every value of a group is raised by, exact as f32; absent where nothing is. */
  minimum?: (stored: Uint8Array, offset: number, group: number) => number;
  /** Writes `blockColumns` values as one block; absent where there is no quantizer. */
  quantize?: (target: Uint8Array, offset: number, values: Float32Array) => void;
}

/** The f16 at `offset`, as f32. */
export function readF16(stored: Uint8Array, offset: number): number {
  return f16ToF32((stored[offset] as number) | ((stored[offset + 1] as number) << 8));
}

/** Writes the f16 nearest to a value. */
export function writeF16(target: Uint8Array, offset: number, value: number): void {
  const half = f32ToF16(value);
  target[offset] = half & 255;
  target[offset + 1] = half >> 8;
}

/** Input `index` of 32 nibbles: byte i holds input i in its low half and i + 16 in its high one. */
export function nibble(stored: Uint8Array, offset: number, index: number): number {
  const byte = stored[offset + (index & 15)] as number;
  return index < 16 ? byte & 15 : byte >> 4;
}

/** 1 / scale as f32, and 0 for 0. */
export function inverseOf(scale: number): number {
  return scale === 0 ? 0 : Math.fround(1 / scale);
}

/** Integer `index` of 32 with a fifth bit: 4 bytes of fifth bits, then nibbles. */
export function fiveBits(stored: Uint8Array, offset: number, index: number): number {
  const fifth = ((stored[offset + (index >> 3)] as number) >> (index & 7)) & 1;
  return nibble(stored, offset + 4, index) | (fifth << 4);
}

/** Writes 32 integers with fifth bits. */
export function writeFiveBits(
  target: Uint8Array,
  offset: number,
  integer: (index: number) => number,
): void {
  target.fill(0, offset, offset + 20);
  for (let i = 0; i < 32; i++) {
    const value = integer(i);
    const [fifth, low] = [offset + (i >> 3), offset + 4 + (i & 15)];
    target[fifth] = (target[fifth] as number) | ((value >> 4) << (i & 7));
    target[low] = (target[low] as number) | ((value & 15) << (i < 16 ? 0 : 4));
  }
}

/** The scale that spreads integers from 0 to `steps` over the values, and their roundings. */
export function rangeOf(
  values: Float32Array,
  steps: number,
): { smallest: number; scale: number; rounded: (index: number) => number } {
  let [smallest, largest] = [Infinity, -Infinity];
  for (const value of values) {
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  const scale = Math.fround(Math.fround(largest - smallest) / steps);
  const inverse = inverseOf(scale);
  const rounded = (index: number): number => {
    const x = Math.fround(Math.fround((values[index] as number) - smallest) * inverse);
    return Math.min(steps, Math.trunc(Math.fround(x + 0.5)));
  };
  return { smallest, scale, rounded };
}
