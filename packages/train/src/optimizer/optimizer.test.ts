import { expect, test } from 'vitest';
import { fillUniform } from '../generator.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import { adamW } from './adamw.ts';
import { blockSquares, clipScale, normOf } from './clip.ts';
import { muon, orthogonal } from './muon.ts';
import { adamScalars } from './scalars.ts';
import { sgdMomentum } from './sgd.ts';

const ADAM = { ...TRAIN_DEFAULTS.optimizer, weightDecay: 0.1, beta1: 0.9, beta2: 0.99 };

test('two steps of AdamW are those worked out by hand', () => {
  const weights = Float32Array.of(1);
  const moments = { first: new Float32Array(1), second: new Float32Array(1) };
  const step = (t: number, gradient: number): void => {
    const scalars = adamScalars(ADAM, { lr: 0.01, step: t, isDecayed: true });
    adamW(weights, Float32Array.of(gradient), moments, { ...scalars, scale: 1 });
  };
  // Decay first: 1 - 0.001; m̂ = 0.5, v̂ = 0.25, so the step is the whole rate.
  step(1, 0.5);
  expect(weights[0]).toBeCloseTo(0.989, 6);
  expect(moments.first[0]).toBeCloseTo(0.05, 7);
  expect(moments.second[0]).toBeCloseTo(0.0025, 7);
  // m = 0.045 - 0.025 = 0.02, /0.19; v = 0.002475 + 0.000625 = 0.0031, /0.0199.
  step(2, -0.25);
  const expected = 0.989 * 0.999 - (0.01 * (0.02 / 0.19)) / Math.sqrt(0.0031 / 0.0199);
  expect(weights[0]).toBeCloseTo(expected, 6);
});

test('without decay a weight whose gradient is 0 stays', () => {
  const weights = Float32Array.of(0.3, -2);
  const moments = { first: new Float32Array(2), second: new Float32Array(2) };
  const scalars = adamScalars(ADAM, { lr: 0.01, step: 1, isDecayed: false });
  adamW(weights, new Float32Array(2), moments, { ...scalars, scale: 1 });
  expect(weights).toEqual(Float32Array.of(0.3, -2));
});

test('momentum gathers speed, and decay comes first', () => {
  const weights = Float32Array.of(1);
  const velocity = new Float32Array(1);
  const scalars = { lr: 0.1, decay: 0, momentum: 0.5, scale: 1 };
  sgdMomentum(weights, Float32Array.of(1), velocity, scalars);
  sgdMomentum(weights, Float32Array.of(1), velocity, scalars);
  expect(weights[0]).toBeCloseTo(1 - 0.1 - 0.15, 6);
  sgdMomentum(weights, Float32Array.of(0), new Float32Array(1), { ...scalars, decay: 0.5 });
  expect(weights[0]).toBeCloseTo(0.375, 6);
});

test.each([
  [3, 5],
  [5, 3],
  [4, 4],
])('the singular values of a %i × %i update are near 1', (rows, columns) => {
  const matrix = new Float32Array(rows * columns);
  fillUniform(matrix, { seed: 1, tensor: 0, a: 1 });
  const x = orthogonal(matrix, rows, columns);
  const small = Math.min(rows, columns);
  let trace = 0;
  for (const value of x) trace += value * value;
  // The five rounds leave singular values between about 0.7 and 1.2.
  expect(trace / small).toBeGreaterThan(0.45);
  expect(trace / small).toBeLessThan(1.45);
});

test('how far Muon moves a matrix does not depend on the size of the gradient', () => {
  const size = (factor: number): number => {
    const weights = new Float32Array(12);
    const gradient = Float32Array.from({ length: 12 }, (_, i) => factor * Math.cos(5 * i));
    const scalars = { rows: 3, lr: 1, decay: 0, momentum: 0.9, scale: 1 };
    muon(weights, gradient, new Float32Array(12), scalars);
    return Math.hypot(weights[0]!, weights[5]!, weights[11]!);
  };
  expect(size(100) / size(1)).toBeCloseTo(1, 4);
});

test('clipping scales the gradient, and nothing else, of every optimizer', () => {
  const stateOf = (gradient: number, scale: number): number[] => {
    const [adam, sgd, matrix] = [Float32Array.of(1), Float32Array.of(1), new Float32Array(6)];
    const g = Float32Array.of(gradient);
    const [first, second, speed] = [0, 0, 0].map(() => new Float32Array(1));
    const moments = { first: first!, second: second! };
    const scalars = adamScalars(ADAM, { lr: 0.01, step: 1, isDecayed: true });
    adamW(adam, g, moments, { ...scalars, eps: 0.25, scale });
    const of = { lr: 0.1, decay: 0.5, momentum: 0.5, scale };
    sgdMomentum(sgd, g, speed!, of);
    const velocity = new Float32Array(6);
    muon(matrix, new Float32Array(6).fill(gradient), velocity, { ...of, rows: 2 });
    return [...adam, ...first!, ...second!, ...sgd, ...speed!, ...velocity];
  };
  expect(stateOf(8, 0.125)).toEqual(stateOf(1, 1));
  expect(stateOf(8, 1)).not.toEqual(stateOf(1, 1));
});

test('epsilon is added to the root, not under it', () => {
  const weights = Float32Array.of(0);
  const moments = { first: new Float32Array(1), second: new Float32Array(1) };
  const scalars = adamScalars(ADAM, { lr: 0.01, step: 1, isDecayed: false });
  adamW(weights, Float32Array.of(3), moments, { ...scalars, eps: 1, scale: 1 });
  expect(weights[0]).toBeCloseTo((-0.01 * 3) / (3 + 1), 7);
});

test('two steps of Muon on a row are those worked out by hand', () => {
  const weights = new Float32Array(4);
  const velocity = new Float32Array(4);
  const scalars = { rows: 1, lr: 0.5, decay: 0, momentum: 0.5, scale: 1 };
  // A row has one singular value, 1 at first: five rounds of a s + b s³ + c s⁵.
  let size = 1;
  for (let round = 0; round < 5; round++) {
    size = 3.4445 * size - 4.775 * size ** 3 + 2.0315 * size ** 5;
  }
  const length = 0.5 * 0.2 * Math.sqrt(4) * size;
  muon(weights, Float32Array.of(2, 0, 0, 0), velocity, scalars);
  expect(weights[0]).toBeCloseTo(-length, 5);
  muon(weights, Float32Array.of(0, 3, 0, 0), velocity, scalars);
  // u = (1, 3), and Nesterov's g + u / 2 = (0.5, 4.5).
  expect(weights[0]).toBeCloseTo(-length - (length * 0.5) / Math.hypot(0.5, 4.5), 5);
  expect(weights[1]).toBeCloseTo((-length * 4.5) / Math.hypot(0.5, 4.5), 5);
});

test('the norm is over all tensors, and clipping never enlarges', () => {
  const tensors = [Float32Array.of(3, 0), Float32Array.of(4)];
  expect(normOf(tensors.map(blockSquares))).toBe(5);
  expect(clipScale(5, 1)).toBe(Math.fround(1 / (5 + 1e-6)));
  expect(clipScale(0.5, 1)).toBe(1);
  expect(clipScale(5, 0)).toBe(1);
});

test('blocks of the norm can be computed apart', () => {
  const long = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
  const parts = [0, 4096, 8192].map((start) => long.subarray(start, start + 4096));
  expect(parts.flatMap((part) => [...blockSquares(part)])).toEqual([...blockSquares(long)]);
});
