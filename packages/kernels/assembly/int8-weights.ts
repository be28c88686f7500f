/**
 * Weights of block types as words for the 8-bit kernels, from the panels that all kernels share.
 *
 * A block's rows become rows of words of neighboring inputs, of outputs in the order of byte rows,
 * which scales and sums follow until the end of a panel:
 *
 *   vector i       outputs i, 8 + i, 16 + i, 24 + i           i = 0 … 3
 *   vector 4 + i   outputs 4 + i, 12 + i, 20 + i, 28 + i
 */
import { f16High, f16Low, f16Mask, F16_UNIT } from './decode';
import { PANEL_ROW } from './gemm';

/** Rows of 32 byte rows → [16][32] words of two i16. */
export function widenQ8(target: usize, source: usize): void {
  for (let i = 16; i > 0; i--) {
    for (let half: usize = 0; half < 32; half += 16) {
      const even = v128.load(source + half);
      const odd = v128.load(source + half, 32);
      const low = lowBytes(even, odd);
      const high = highBytes(even, odd);
      v128.store(target, i16x8.extend_low_i8x16_s(low));
      v128.store(target, i16x8.extend_high_i8x16_s(low), 16);
      v128.store(target, i16x8.extend_low_i8x16_s(high), 32);
      v128.store(target, i16x8.extend_high_i8x16_s(high), 48);
      target += 64;
    }
    source += 64;
  }
}

/** 16 rows of nibbles of two inputs → [8][32] words of four bytes, q + 8. */
export function widenQ4(target: usize, source: usize, hidden: i32): void {
  const signs = i32x4.splat(0x88888888 | hidden);
  const mask = i32x4.splat(0x0f0f0f0f | hidden);
  for (let i = 8; i > 0; i--) {
    for (let half: usize = 0; half < 32; half += 16) {
      const p = v128.xor(v128.load(source + half), signs);
      const q = v128.xor(v128.load(source + half, 32), signs);
      const p0 = lowNibbles(p, mask);
      const p1 = highNibbles(p, mask);
      const q0 = lowNibbles(q, mask);
      const q1 = highNibbles(q, mask);
      const p01 = lowBytes(p0, p1);
      const q01 = lowBytes(q0, q1);
      v128.store(target, lowPairs(p01, q01));
      v128.store(target, highPairs(p01, q01), 16);
      const p23 = highBytes(p0, p1);
      const q23 = highBytes(q0, q1);
      v128.store(target, lowPairs(p23, q23), 32);
      v128.store(target, highPairs(p23, q23), 48);
      target += 64;
    }
    source += 64;
  }
}

// @ts-ignore: decorator
@inline
export function lowNibbles(bytes: v128, mask: v128): v128 {
  return v128.and(bytes, mask);
}

// @ts-ignore: decorator
@inline
export function highNibbles(bytes: v128, mask: v128): v128 {
  return v128.and(i32x4.shr_u(bytes, 4), mask);
}

/** A block's 32 scales as f32, in the order of the words. */
export function byteRowScales(target: usize, source: usize, hidden: i32): void {
  const factor = f32x4.splat(F16_UNIT);
  const mask = f16Mask(hidden);
  const a = v128.load(source);
  const b = v128.load(source, 16);
  const c = v128.load(source, 32);
  const d = v128.load(source, 48);
  storeTransposed(target, a, b, c, d, 16);
  for (let i = 4; i > 0; i--) {
    const words = v128.load(target);
    v128.store(target, f32x4.mul(f16Low(words, mask), factor));
    v128.store(target, f32x4.mul(f16High(words, mask), factor), 64);
    target += 16;
  }
}

/** Brings rows of 32 sums from the order of the words into that of the outputs. */
export function orderSums(sums: usize, tokenCount: i32): void {
  for (; tokenCount > 0; tokenCount--) {
    const a = v128.load(sums, 64);
    const b = v128.load(sums, 80);
    const c = v128.load(sums, 96);
    const d = v128.load(sums, 112);
    const e = v128.load(sums);
    const f = v128.load(sums, 16);
    const g = v128.load(sums, 32);
    const h = v128.load(sums, 48);
    storeTransposed(sums + 16, a, b, c, d, 32);
    storeTransposed(sums, e, f, g, h, 32);
    sums += PANEL_ROW;
  }
}

/** Writes the columns of four rows of words, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function storeTransposed(
  target: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  stride: usize,
): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(target + stride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(target + 2 * stride, v128.shuffle<i64>(ab2, cd2, 0, 2));
  v128.store(target + 3 * stride, v128.shuffle<i64>(ab2, cd2, 1, 3));
}

/** Bytes of the lower halves, in turns. */
// @ts-ignore: decorator
@inline
export function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Bytes of the upper halves, in turns. */
// @ts-ignore: decorator
@inline
export function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Pairs of bytes of the lower halves, in turns. */
// @ts-ignore: decorator
@inline
export function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Pairs of bytes of the upper halves, in turns. */
// @ts-ignore: decorator
@inline
export function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
