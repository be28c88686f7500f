import { expect, test } from 'vitest';
import { quantizeBlocks } from '../blocks/formats.ts';
import { linear, linearCost } from './linear.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

function wave(count: number, speed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * speed));
}

function quantized(type: 'q8_0' | 'q4_0', rows: number, columns: number): StoredMatrix {
  const blockBytes = type === 'q8_0' ? 34 : 18;
  const stored = new Uint8Array(((rows * columns) / 32) * blockBytes);
  quantizeBlocks(type, stored, 0, wave(rows * columns, 0.9));
  return { type, rows, columns, stored };
}

test.each(['q8_0', 'q4_0'] as const)('linear in %s agrees with its dequantized rows', (type) => {
  const matrix = quantized(type, 3, 96);
  const x = wave(2 * 96, 0.31);
  const y = new Float32Array(6);
  linear(y, matrix, x, { tokenCount: 2, rounding: 'fused' });
  const row = new Float32Array(96);
  for (let n = 0; n < 3; n++) {
    dequantizeRow(row, matrix, n);
    for (let t = 0; t < 2; t++) {
      const sum = row.reduce((acc, w, k) => acc + w * (x[t * 96 + k] as number), 0);
      expect(y[t * 3 + n]).toBeCloseTo(sum, 4);
    }
  }
});

test('linear in f32 sums in ascending order of inputs', () => {
  const values = Float32Array.from([1, 2 ** -24, 2 ** -24, -1]);
  const stored = new Uint8Array(values.buffer);
  const matrix: StoredMatrix = { type: 'f32', rows: 1, columns: 4, stored };
  const y = new Float32Array(1);
  linear(y, matrix, new Float32Array(4).fill(1), { tokenCount: 1, rounding: 'fused' });
  expect(y[0]).toBe(0); // from the other end it would be 2^-23
});

test('the cost counts padded panels, as they lie in memory', () => {
  const cost = linearCost({ type: 'f32', rows: 33, columns: 10 }, 2);
  expect(cost).toEqual({ flops: 1320, weightBytes: 64 * 10 * 4, activationBytes: 4 * 2 * 43 });
});
