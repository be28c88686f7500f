/**
 * The natural logarithm of training: a series in f64, which JavaScript rounds alike.
 *
 *   x = 2^e · m, m ≤ √2      s = (m - 1) / (m + 1)      ln x = e ln 2 + 2 (s + s³/3 + … + s²¹/21)
 */
const SQRT2: f64 = 1.4142135623730951;
const LN2: f64 = 0.6931471805599453;

/** ln of a number from 1 on; ∞ and NaN stay. */
export function logOf(x: f32): f32 {
  if (!(x < Infinity)) return x;
  let m = <f64>x;
  let e: f64 = 0;
  for (; m > SQRT2; e++) m *= 0.5;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum: f64 = 1.0 / 21.0;
  for (let n: f64 = 19; n > 0; n -= 2) sum = sum * square + 1 / n;
  return <f32>(2 * s * sum + e * LN2);
}
