/**
 * The natural logarithm that the kernels of training compute: a series in f64, rounded once.
 *
 *   x = 2^e · m, m ≤ √2      s = (m - 1) / (m + 1)      ln x = e ln 2 + 2 (s + s³/3 + … + s²¹/21)
 *
 * f64 without fused operations is rounded alike by JavaScript and WebAssembly.
 */

/** ln of an f32 number from 1 on, as f32; ∞ and NaN stay. */
export function log32(x: number): number {
  if (!(x < Infinity)) return x;
  let [m, e] = [x, 0];
  for (; m > Math.SQRT2; e++) m *= 0.5;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 1 / 21;
  for (let n = 19; n > 0; n -= 2) sum = sum * square + 1 / n;
  return Math.fround(2 * s * sum + e * Math.LN2);
}
