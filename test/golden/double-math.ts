/**
 * Vectors and linear layers in double precision, as plain loops: what the reference is made of.
 *
 * No op of the project is used. Source: Zhang and Sennrich 2019 (RMSNorm, eq. 4).
 */

export type Vector = Float64Array;

/** y = W x + b. Shapes: rows [outputs] of [inputs], bias [outputs]. */
export interface Linear {
  rows: Vector[];
  bias: Vector | undefined;
}

export function at(x: Vector, index: number): number {
  return x[index] as number;
}

export function addTo(x: Vector, more: Vector): void {
  for (let i = 0; i < x.length; i++) x[i] = at(x, i) + at(more, i);
}

export function multiply({ rows, bias }: Linear, x: Vector): Vector {
  const y = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) {
    y[index] = dot(rows[index] as Vector, x) + (bias ? at(bias, index) : 0);
  }
  return y;
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

/** x over the root of its mean square, times gains if there are some. */
export function normalize(x: Vector, epsilon: number, gains?: Vector): Vector {
  let squares = 0;
  for (const value of x) squares += value * value;
  const root = Math.sqrt(squares / x.length + epsilon);
  return x.map((value, i) => (value / root) * (gains ? at(gains, i) : 1));
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Shares that add up to 1; the largest score is taken off first, which changes nothing. */
export function softmax(scores: readonly number[]): number[] {
  const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
