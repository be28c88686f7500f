/**
 * Multiply-add of the `plain` build: the product and the sum are rounded each.
 */

/** a * b + c in each of four lanes. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}
