/**
 * One token × a panel of 32 outputs with 8-bit activations: weights stream by, and become words of
 * neighboring inputs on the way.
 */
import { hiddenZero } from './decode';
import { addProducts, scaled } from './int8-sums';
import { highBytes, highNibbles, highPairs, lowBytes, lowNibbles, lowPairs } from './int8-weights';
import { byteRowScales } from './int8-weights';
import { FACTOR_BYTES } from './quantize';

/** Bytes of a block's scales in a panel. */
const SCALES: usize = 64;

/** Adds to the sums [32] of q8_0 weights, in the order of byte rows; `scales` is scratch [32]. */
export function vectorPanelQ8(
  sums: usize,
  w: usize,
  x: usize,
  factors: usize,
  columnCount: i32,
  scales: usize,
): void {
  const hidden = hiddenZero(columnCount);
  for (; columnCount > 0; columnCount -= 32) {
    byteRowScales(scales, w, hidden);
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    w += SCALES;
    for (let i = 16; i > 0; i--) {
      const v = v128.load32_splat(x);
      let even = v128.load(w);
      let odd = v128.load(w, 32);
      let words = lowBytes(even, odd);
      a0 = addProducts(false, i16x8.extend_low_i8x16_s(words), v, a0);
      a1 = addProducts(false, i16x8.extend_high_i8x16_s(words), v, a1);
      words = highBytes(even, odd);
      a2 = addProducts(false, i16x8.extend_low_i8x16_s(words), v, a2);
      a3 = addProducts(false, i16x8.extend_high_i8x16_s(words), v, a3);
      even = v128.load(w, 16);
      odd = v128.load(w, 48);
      words = lowBytes(even, odd);
      b0 = addProducts(false, i16x8.extend_low_i8x16_s(words), v, b0);
      b1 = addProducts(false, i16x8.extend_high_i8x16_s(words), v, b1);
      words = highBytes(even, odd);
      b2 = addProducts(false, i16x8.extend_low_i8x16_s(words), v, b2);
      b3 = addProducts(false, i16x8.extend_high_i8x16_s(words), v, b3);
      x += 4;
      w += 64;
    }
    scaleHalf(false, sums, a0, a1, a2, a3, scales, factors);
    scaleHalf(false, sums + 64, b0, b1, b2, b3, scales + 64, factors);
    factors += FACTOR_BYTES;
  }
}

/** Adds to the sums [32] of q4_0 weights, in the same order. */
export function vectorPanelQ4(
  sums: usize,
  w: usize,
  x: usize,
  factors: usize,
  columnCount: i32,
  scales: usize,
): void {
  const hidden = hiddenZero(columnCount);
  const signs = i32x4.splat(0x88888888 | hidden);
  const mask = i32x4.splat(0x0f0f0f0f | hidden);
  for (; columnCount > 0; columnCount -= 32) {
    byteRowScales(scales, w, hidden);
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    w += SCALES;
    for (let i = 8; i > 0; i--) {
      const v = v128.load32_splat(x);
      let p = v128.xor(v128.load(w), signs);
      let q = v128.xor(v128.load(w, 32), signs);
      let p0 = lowNibbles(p, mask);
      let p1 = highNibbles(p, mask);
      let q0 = lowNibbles(q, mask);
      let q1 = highNibbles(q, mask);
      let pp = lowBytes(p0, p1);
      let qq = lowBytes(q0, q1);
      a0 = addProducts(true, lowPairs(pp, qq), v, a0);
      a1 = addProducts(true, highPairs(pp, qq), v, a1);
      pp = highBytes(p0, p1);
      qq = highBytes(q0, q1);
      a2 = addProducts(true, lowPairs(pp, qq), v, a2);
      a3 = addProducts(true, highPairs(pp, qq), v, a3);
      p = v128.xor(v128.load(w, 16), signs);
      q = v128.xor(v128.load(w, 48), signs);
      p0 = lowNibbles(p, mask);
      p1 = highNibbles(p, mask);
      q0 = lowNibbles(q, mask);
      q1 = highNibbles(q, mask);
      pp = lowBytes(p0, p1);
      qq = lowBytes(q0, q1);
      b0 = addProducts(true, lowPairs(pp, qq), v, b0);
      b1 = addProducts(true, highPairs(pp, qq), v, b1);
      pp = highBytes(p0, p1);
      qq = highBytes(q0, q1);
      b2 = addProducts(true, lowPairs(pp, qq), v, b2);
      b3 = addProducts(true, highPairs(pp, qq), v, b3);
      x += 4;
      w += 64;
    }
    scaleHalf(true, sums, a0, a1, a2, a3, scales, factors);
    scaleHalf(true, sums + 64, b0, b1, b2, b3, scales + 64, factors);
    factors += FACTOR_BYTES;
  }
}

/** Adds integer sums of 16 outputs, scaled. */
// @ts-ignore: decorator
@inline
function scaleHalf(
  isNibbles: bool,
  y: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  scales: usize,
  factors: usize,
): void {
  const y0 = scaled(isNibbles, a, v128.load(scales), factors, v128.load(y));
  const y1 = scaled(isNibbles, b, v128.load(scales, 16), factors, v128.load(y, 16));
  const y2 = scaled(isNibbles, c, v128.load(scales, 32), factors, v128.load(y, 32));
  const y3 = scaled(isNibbles, d, v128.load(scales, 48), factors, v128.load(y, 48));
  v128.store(y, y0);
  v128.store(y, y1, 16);
  v128.store(y, y2, 32);
  v128.store(y, y3, 48);
}
