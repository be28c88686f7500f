/**
 * Register blocks of the 8-bit kernels: up to 4 tokens × 8 outputs of one stretch of inputs.
 *
 * Weights are rows [32 outputs] of 32-bit words that hold neighbouring inputs, as those of x do:
 *
 *   q8_0   two of 16 bits; products summed in i32
 *   q4_0   four of 8 bits, 0 … 15 (q + 8); products summed by twos in i16, which over a block stay
 *          within 8 · 2 · 15 · 127 = 30,480; then in i32, less 8 times the sum of x
 *
 * The one relaxed operation has 0 … 15 on its 7-bit side, where all machines give the same.
 */
import { madd } from './fma';
import { PANEL_ROW } from './gemm';

/** Bytes of a row of words of a group: 4 tokens. */
const GROUP_ROW: usize = 16;
/** Bytes of a block's factors of a group. */
const GROUP_FACTORS: usize = 32;

/** Adds a stretch of `count` blocks to the sums [tokens][32] f32 of 1 to 4 tokens. */
export function addGroup(
  isNibbles: bool,
  tokens: i32,
  sums: usize,
  w: usize,
  x: usize,
  factors: usize,
  scales: usize,
  count: i32,
): void {
  if (isNibbles) {
    if (tokens === 4) addTokens(true, 4, sums, w, x, factors, scales, count);
    else if (tokens === 3) addTokens(true, 3, sums, w, x, factors, scales, count);
    else if (tokens === 2) addTokens(true, 2, sums, w, x, factors, scales, count);
    else addTokens(true, 1, sums, w, x, factors, scales, count);
  } else {
    if (tokens === 4) addTokens(false, 4, sums, w, x, factors, scales, count);
    else if (tokens === 3) addTokens(false, 3, sums, w, x, factors, scales, count);
    else if (tokens === 2) addTokens(false, 2, sums, w, x, factors, scales, count);
    else addTokens(false, 1, sums, w, x, factors, scales, count);
  }
}

/** Block by block, 8 outputs at a time. The first two parameters are known when it is compiled. */
// @ts-ignore: decorator
@inline
function addTokens(
  isNibbles: bool,
  tokens: i32,
  sums: usize,
  w: usize,
  x: usize,
  factors: usize,
  scales: usize,
  count: i32,
): void {
  const rows = isNibbles ? 8 : 16;
  for (; count > 0; count--) {
    for (let offset: usize = 0; offset < PANEL_ROW; offset += 32) {
      addBlock(isNibbles, tokens, sums + offset, w + offset, x, factors, scales + offset);
    }
    w += <usize>rows * PANEL_ROW;
    x += <usize>rows * GROUP_ROW;
    factors += GROUP_FACTORS;
    scales += PANEL_ROW;
  }
}

// @ts-ignore: decorator
@inline
function addBlock(
  isNibbles: bool,
  tokens: i32,
  y: usize,
  w: usize,
  x: usize,
  factors: usize,
  scales: usize,
): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (let i = isNibbles ? 8 : 16; i > 0; i--) {
    const left = v128.load(w);
    const right = v128.load(w, 16);
    let v = v128.load32_splat(x);
    a0 = addProducts(isNibbles, left, v, a0);
    b0 = addProducts(isNibbles, right, v, b0);
    if (tokens > 1) {
      v = v128.load32_splat(x, 4);
      a1 = addProducts(isNibbles, left, v, a1);
      b1 = addProducts(isNibbles, right, v, b1);
    }
    if (tokens > 2) {
      v = v128.load32_splat(x, 8);
      a2 = addProducts(isNibbles, left, v, a2);
      b2 = addProducts(isNibbles, right, v, b2);
    }
    if (tokens > 3) {
      v = v128.load32_splat(x, 12);
      a3 = addProducts(isNibbles, left, v, a3);
      b3 = addProducts(isNibbles, right, v, b3);
    }
    w += PANEL_ROW;
    x += GROUP_ROW;
  }
  const left = v128.load(scales);
  const right = v128.load(scales, 16);
  addScaled(isNibbles, y, a0, b0, left, right, factors);
  if (tokens > 1) addScaled(isNibbles, y + PANEL_ROW, a1, b1, left, right, factors + 8);
  if (tokens > 2) addScaled(isNibbles, y + 2 * PANEL_ROW, a2, b2, left, right, factors + 16);
  if (tokens > 3) addScaled(isNibbles, y + 3 * PANEL_ROW, a3, b3, left, right, factors + 24);
}

/** Adds the products of four words of weights and one of x. */
// @ts-ignore: decorator
@inline
export function addProducts(isNibbles: bool, w: v128, x: v128, sum: v128): v128 {
  return isNibbles
    ? i16x8.add(sum, i16x8.relaxed_dot_i8x16_i7x16_s(x, w))
    : i32x4.add(sum, i32x4.dot_i16x8_s(w, x));
}

/** Adds integer sums of 8 outputs to those of a token, scaled. */
// @ts-ignore: decorator
@inline
function addScaled(
  isNibbles: bool,
  y: usize,
  left: v128,
  right: v128,
  leftScale: v128,
  rightScale: v128,
  factors: usize,
): void {
  scaleSum(isNibbles, y, left, leftScale, factors);
  scaleSum(isNibbles, y + 16, right, rightScale, factors);
}

/** y += f32(sum) · (scale · d), for four outputs of a token. */
// @ts-ignore: decorator
@inline
export function scaleSum(isNibbles: bool, y: usize, sum: v128, scale: v128, factors: usize): void {
  const whole = isNibbles
    ? i32x4.add(i32x4.extadd_pairwise_i16x8_s(sum), v128.load32_splat(factors, 4))
    : sum;
  const factor = f32x4.mul(scale, v128.load32_splat(factors));
  v128.store(y, madd(f32x4.convert_i32x4_s(whole), factor, v128.load(y)));
}
