/**
 * Sums of the 8-bit kernels: products of words of weights and of x, and what becomes of a block's
 * integer sum. `isNibbles` is known when a kernel is compiled.
 */
import { madd } from './fma';

/** Adds the products of four words of weights and one of x. */
// @ts-ignore: decorator
@inline
export function addProducts(isNibbles: bool, w: v128, x: v128, sum: v128): v128 {
  return isNibbles
    ? i16x8.add(sum, i16x8.relaxed_dot_i8x16_i7x16_s(x, w))
    : i32x4.add(sum, i32x4.dot_i16x8_s(w, x));
}

/** y + f32(sum) · (scale · d), for four outputs of a token. */
// @ts-ignore: decorator
@inline
export function scaled(isNibbles: bool, sum: v128, scale: v128, factors: usize, y: v128): v128 {
  const whole = isNibbles
    ? i32x4.add(i32x4.extadd_pairwise_i16x8_s(sum), v128.load32_splat(factors, 4))
    : sum;
  const factor = f32x4.mul(scale, v128.load32_splat(factors));
  return madd(f32x4.convert_i32x4_s(whole), factor, y);
}
