/**
 * Activations as integers of -127 … 127, with a scale per block of 32: what the 8-bit kernels
 * multiply by.
 *
 * A word of 32 bits holds neighboring inputs of one token, two of 16 bits or four of 8; words of
 * up to four tokens take turns, so that one pointer walks them all:
 *
 *   words     [K/2 or K/4][tokens] 32 bits
 *   factors   [K/32][tokens] (f32 scale, i32 -8 · sum of the block's integers)
 */

/** Bytes of one token's factors of a block. */
export const FACTOR_BYTES: usize = 8;

/** Blocks with nothing as large as this (2^-100) count as zeros. */
const BLOCK_MIN: f32 = reinterpret<f32>(0x0d800000);

/** One row; `tokens` words or factors apart lie those of the row itself. */
export function quantizeRow(
  words: usize,
  factors: usize,
  x: usize,
  columnCount: i32,
  tokens: usize,
  isBytes: bool,
): void {
  const step = tokens << 2;
  for (; columnCount > 0; columnCount -= 32) {
    const largest = largestMagnitude(x);
    const isTiny = largest < BLOCK_MIN;
    store<f32>(factors, isTiny ? 0 : largest / 127);
    const inverse = f32x4.splat(isTiny ? 0 : 127 / largest);
    let sum = i32x4.splat(0);
    for (let i = isBytes ? 2 : 4; i > 0; i--) {
      let a = integers(x, inverse);
      let b = integers(x + 16, inverse);
      sum = i32x4.add(sum, i32x4.add(a, b));
      a = i16x8.narrow_i32x4_s(a, b);
      x += 32;
      if (isBytes) {
        const c = integers(x, inverse);
        b = integers(x + 16, inverse);
        sum = i32x4.add(sum, i32x4.add(c, b));
        a = i8x16.narrow_i16x8_s(a, i16x8.narrow_i32x4_s(c, b));
        x += 32;
      }
      words = storeWords(words, step, a);
    }
    store<i32>(factors, -8 * total(sum), 4);
    factors += tokens * FACTOR_BYTES;
  }
}

/** The largest of 32 magnitudes. Their bits are ordered as integers; a NaN is above them all. */
// @ts-ignore: decorator
@inline
function largestMagnitude(x: usize): f32 {
  const mask = i32x4.splat(0x7fffffff);
  let bits = i32x4.splat(0);
  for (let i: usize = 0; i < 128; i += 16) {
    bits = i32x4.max_s(bits, v128.and(v128.load(x + i), mask));
  }
  const low = max(i32x4.extract_lane(bits, 0), i32x4.extract_lane(bits, 1));
  const high = max(i32x4.extract_lane(bits, 2), i32x4.extract_lane(bits, 3));
  return reinterpret<f32>(max(low, high));
}

/** The nearest integers, ties to even, of four numbers times `inverse`. */
// @ts-ignore: decorator
@inline
function integers(x: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}

// @ts-ignore: decorator
@inline
function total(sum: v128): i32 {
  const low = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
  return low + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

/** Stores four words `step` bytes apart; the address after them. */
// @ts-ignore: decorator
@inline
function storeWords(target: usize, step: usize, words: v128): usize {
  store<i32>(target, i32x4.extract_lane(words, 0));
  store<i32>(target + step, i32x4.extract_lane(words, 1));
  store<i32>(target + 2 * step, i32x4.extract_lane(words, 2));
  store<i32>(target + 3 * step, i32x4.extract_lane(words, 3));
  return target + 4 * step;
}
