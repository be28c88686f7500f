/**
 * Weights as a run in bf16 computes with them: f32 whose lower half is 0, of what is kept in f32.
 *
 *   kept   sign | exponent | 7 bits | 16 bits        moved by the optimizer
 *   read   sign | exponent | 7 bits | 0              rounded to the nearest, ties to even
 *
 * Both ways of a row read the rounded ones, and their gradients move the kept ones. NaN stays NaN.
 */
import { f32ToBf16 } from '@wafer/core';

/** Rounds all of a tensor. Shapes: both of one length. */
export function roundToBf16(target: Float32Array, source: Float32Array): void {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
  source.forEach((value, i) => {
    words[i] = f32ToBf16(value) * 2 ** 16;
  });
}
