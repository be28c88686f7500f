/**
 * The numbers that the reference computes with: f32 as the kernels round, or f64 as it comes.
 *
 * In f32 the reference is what kernels must give, bit by bit; in f64 its gradients can be compared
 * with finite differences of its loss.
 */
import { exp32, multiplyAdd } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { log32 } from './log.ts';

export type Numbers = Float32Array | Float64Array;

export interface Arithmetic {
  round(value: number): number;
  /** a · b + c. */
  fma(a: number, b: number, c: number): number;
  exp(value: number): number;
  /** ln of a number from 1 on. */
  log(value: number): number;
  create(count: number): Numbers;
}

/** f32 as the kernels of a rounding compute. */
export function singleArithmetic(rounding: Rounding): Arithmetic {
  const fma = multiplyAdd(rounding);
  return {
    round: Math.fround,
    fma,
    exp: (value) => exp32(value, fma),
    log: log32,
    create: (count) => new Float32Array(count),
  };
}

export const DOUBLE_ARITHMETIC: Arithmetic = {
  round: (value) => value,
  fma: (a, b, c) => a * b + c,
  exp: Math.exp,
  log: Math.log,
  create: (count) => new Float64Array(count),
};

/** The order of sums over tokens: token t in lane t mod 16, ascending; then the fold of lanes. */
export function tokenLanes(
  { round, create }: Arithmetic,
  tokenCount: number,
  step: (sum: number, token: number) => number,
): number {
  const lanes = create(16);
  for (let t = 0; t < tokenCount; t++) lanes[t % 16] = step(lanes[t % 16]!, t);
  const at = (i: number): number => lanes[i]!;
  const group = (j: number): number =>
    round(round(at(j) + at(j + 4)) + round(at(j + 8) + at(j + 12)));
  return round(round(group(0) + group(1)) + round(group(2) + group(3)));
}
