/**
 * The exponential function of all kernels: our own polynomial, so that every machine agrees.
 *
 * exp(x) = 2^n · exp(r), n = round(x / ln 2) and |r| ≤ ln 2 / 2; exp(r) is its Taylor polynomial
 * of degree 7 (next term below 6e-9). Within 2 ulp. Below the smallest normal result it is exactly
 * 0, so that exp(-∞) = 0; inputs above `EXP_INPUT_MAX` count as that. NaN stays NaN.
 */
import type { MultiplyAdd } from './fma.ts';

/** Below, the result would be subnormal: it is 0. */
export const EXP_INPUT_MIN: number = Math.fround(-87.33654);
/** Above, 2^n would leave the range of f32: n stays at 127. */
export const EXP_INPUT_MAX: number = Math.fround(88.37626);

const LOG2_E = Math.fround(Math.LOG2E);
/** ln 2 in two parts: the first has 9 bits, so its product with n is exact. */
const LN2_HIGH = 355 / 512;
const LN2_LOW = Math.fround(Math.LN2 - LN2_HIGH);
/** 1/7!, 1/6!, … 1/0!: coefficients in the order of Horner's rule. */
const COEFFICIENTS = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) =>
  Math.fround(1 / factorial),
);

/** exp of an f32 number, as f32. */
export function exp32(x: number, fma: MultiplyAdd): number {
  if (x < EXP_INPUT_MIN) return 0;
  const clamped = x > EXP_INPUT_MAX ? EXP_INPUT_MAX : x;
  const n = roundEven(Math.fround(clamped * LOG2_E));
  let r = fma(n, -LN2_HIGH, clamped);
  r = fma(n, -LN2_LOW, r);
  let sum = COEFFICIENTS[0] as number;
  for (let i = 1; i < COEFFICIENTS.length; i++) sum = fma(sum, r, COEFFICIENTS[i] as number);
  return Math.fround(sum * 2 ** n);
}

/** Nearest whole number, halves to even, as `f32x4.nearest`. */
function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
