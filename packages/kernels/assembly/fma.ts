/**
 * Multiply-add of the `fused` build: one rounding, where the machine has FMA.
 *
 * The `plain` build reads `fma-plain.ts` in place of this file; nothing else differs.
 */

/** a * b + c in each of four lanes. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}
