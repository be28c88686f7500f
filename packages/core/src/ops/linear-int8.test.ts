import { expect, test } from 'vitest';
import { quantizeBlocks } from '../blocks/formats.ts';
import { linearInt8, quantizeActivations } from './linear-int8.ts';
import { linear } from './linear.ts';
import type { StoredMatrix } from './weights.ts';

function wave(count: number, speed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * speed));
}

function quantized(type: 'q8_0' | 'q4_0', rows: number, columns: number): StoredMatrix {
  const blockBytes = type === 'q8_0' ? 34 : 18;
  const values = wave(rows * columns, 0.9);
  const stored = new Uint8Array((values.length / 32) * blockBytes);
  quantizeBlocks(type, stored, 0, values);
  return { type, rows, columns, stored };
}

test('a block keeps its largest value exactly, and ties go to the even integer', () => {
  const x = new Float32Array(64);
  x.set([127, -127, 2.5, 3.5, -2.5, -0.5, 126.75]);
  const { integers, scales } = quantizeActivations(x);
  expect(Array.from(scales)).toEqual([1, 0]);
  expect(Array.from(integers.subarray(0, 7))).toEqual([127, -127, 2, 4, -2, 0, 127]);
});

test('a block of tiny values is zero, and nothing overflows', () => {
  const x = new Float32Array(32).fill(2 ** -101);
  expect(quantizeActivations(x)).toEqual({
    integers: new Int8Array(32),
    scales: new Float32Array(1),
  });
  const smallest = quantizeActivations(new Float32Array(32).fill(2 ** -100));
  expect(smallest.integers.every((integer) => integer === 127)).toBe(true);
  expect(smallest.scales[0]).toBeGreaterThan(0);
});

test('each value is within half a step of what it was', () => {
  const x = wave(320, 0.7).map((value, i) => value * 2 ** (i % 20));
  const { integers, scales } = quantizeActivations(x);
  x.forEach((value, i) => {
    const scale = scales[Math.floor(i / 32)] as number;
    // Half a step, and a few roundings of numbers up to 127 steps.
    const error = Math.abs(value - (integers[i] as number) * scale);
    expect(error).toBeLessThanOrEqual(scale * (0.5 + 127 * 2 ** -22));
  });
});

test.each(['q8_0', 'q4_0'] as const)('linear in %s is off by at most half a step of x', (type) => {
  const matrix = quantized(type, 3, 96);
  const ones = new Float32Array(96).fill(1);
  const x = wave(2 * 96, 0.31);
  const [exact, rounded] = [new Float32Array(6), new Float32Array(6)];
  linear(exact, matrix, x, { tokenCount: 2, rounding: 'fused' });
  linearInt8(rounded, matrix, x, { tokenCount: 2, rounding: 'fused' });
  const errors = exact.map((value, i) => Math.abs(value - (rounded[i] as number)));
  // Weights are at most 1, inputs at most 1: half a step is 1 / 254, for each of 96 inputs.
  expect(Math.max(...errors)).toBeGreaterThan(0);
  expect(Math.max(...errors)).toBeLessThan(96 / 254);
  // Inputs that are all their block's largest lose nothing but the roundings of their scale.
  linear(exact, matrix, ones, { tokenCount: 1, rounding: 'fused' });
  linearInt8(rounded, matrix, ones, { tokenCount: 1, rounding: 'fused' });
  for (let n = 0; n < 3; n++) {
    expect(rounded[n]).toBeCloseTo(exact[n] as number, 4);
  }
});

test('a row of other weights is computed as ever', () => {
  const values = wave(64, 0.9);
  const stored = new Uint8Array(values.buffer);
  const matrix: StoredMatrix = { type: 'f32', rows: 2, columns: 32, stored };
  const [a, b] = [new Float32Array(2), new Float32Array(2)];
  linear(a, matrix, wave(32, 0.4), { tokenCount: 1, rounding: 'plain' });
  linearInt8(b, matrix, wave(32, 0.4), { tokenCount: 1, rounding: 'plain' });
  expect(b).toEqual(a);
});

test('rows are quantized by themselves: a batch gives the bits of each row alone', () => {
  const matrix = quantized('q8_0', 5, 64);
  const x = wave(3 * 64, 0.31).map((value, i) => value * 10 ** (i % 7));
  const together = new Float32Array(15);
  linearInt8(together, matrix, x, { tokenCount: 3, rounding: 'fused' });
  for (let t = 0; t < 3; t++) {
    const alone = new Float32Array(5);
    const row = x.subarray(t * 64, (t + 1) * 64);
    linearInt8(alone, matrix, row, { tokenCount: 1, rounding: 'fused' });
    expect(together.subarray(t * 5, (t + 1) * 5)).toEqual(alone);
  }
});
