/**
 * Multiply-add of f32 numbers, rounded as the kernels of a plan round it.
 *
 * `fused` rounds once, as a hardware FMA does; `plain` rounds the product, then the sum. The fused
 * result is exact although JavaScript has no FMA: the f64 product of two f32 is exact, TwoSum
 * gives the error of the f64 sum, and rounding that sum to odd makes the last rounding, to f32, the
 * only one that counts.
 *
 * Source: Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms
 * using rounding to odd".
 */

/** How multiply-add rounds: once (hardware FMA) or twice. Part of every plan and hash. */
export type Rounding = 'fused' | 'plain';

/** a * b + c on f32 numbers; the result is an f32 number. */
export type MultiplyAdd = (a: number, b: number, c: number) => number;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/** The multiply-add of a rounding. */
export function multiplyAdd(rounding: Rounding): MultiplyAdd {
  return rounding === 'fused' ? fusedMultiplyAdd : plainMultiplyAdd;
}

/** a * b + c, rounded once. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const shadow = sum - product;
  const error = product - (sum - shadow) + (c - shadow);
  if (error === 0 || !Number.isFinite(sum)) return Math.fround(sum);
  double[0] = sum;
  const low = words[LOW] as number;
  // An even last bit means that the sum was rounded away from its odd neighbor: go back there.
  if ((low & 1) === 0) {
    if (error > 0 === sum > 0) words[LOW] = low | 1;
    else stepTowardZero(low);
  }
  return Math.fround(double[0]);
}

/** a * b + c, the product and the sum rounded each. */
export function plainMultiplyAdd(a: number, b: number, c: number): number {
  return Math.fround(Math.fround(a * b) + c);
}

function stepTowardZero(low: number): void {
  if (low === 0) words[1 - LOW] = (words[1 - LOW] as number) - 1;
  words[LOW] = low - 1; // wraps to all ones after a borrow
}
