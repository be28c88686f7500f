/**
 * Weights as a run in bf16 computes with them: f32 whose lower half is 0, of what is kept in f32.
 *
 *   kept   sign | exponent | 7 bits | 16 bits        moved by the optimizer
 *   read   sign | exponent | 7 bits | 0              rounded to the nearest, ties to even
 *
 * Both ways of a row read the rounded ones, and their gradients move the kept ones. NaN stays NaN.
 */

/** Rounds all of a tensor. Shapes: both of one length. */
export function roundToBf16(target: Float32Array, source: Float32Array): void {
  const [from, to] = [wordsOf(source), wordsOf(target)];
  for (let i = 0; i < from.length; i++) {
    const word = from[i]!;
    const isNaN = (word & 0x7fff_ffff) > 0x7f80_0000;
    const rounded = word + 0x7fff + ((word >>> 16) & 1);
    to[i] = ((isNaN ? word | 0x40_0000 : rounded) & 0xffff_0000) >>> 0;
  }
}

function wordsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}
