import { expect, test } from 'vitest';
import { rmsNorm, rmsNormCost } from './rms-norm.ts';
import { swiglu } from './swiglu.ts';

test.each([1, 20, 64, 288])('rmsNorm of width %i agrees with f64', (width) => {
  const x = Float32Array.from({ length: 2 * width }, (_, i) => Math.sin(i) * 3);
  const gain = Float32Array.from({ length: width }, (_, i) => 1 + i / width);
  const y = new Float32Array(2 * width);
  rmsNorm(y, x, gain, { tokenCount: 2, epsilon: 1e-5, rounding: 'fused' });
  for (let t = 0; t < 2; t++) {
    const row = x.subarray(t * width, (t + 1) * width);
    const rms = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / width + 1e-5);
    row.forEach((value, d) => {
      expect(y[t * width + d]).toBeCloseTo((value / rms) * (gain[d] as number), 5);
    });
  }
});

test('epsilon keeps a row of zeros at zero', () => {
  const y = new Float32Array(4).fill(9);
  const gain = new Float32Array(4).fill(2);
  rmsNorm(y, new Float32Array(4), gain, { tokenCount: 1, epsilon: 1e-6, rounding: 'plain' });
  expect([...y]).toEqual([0, 0, 0, 0]);
});

test('the cost of a norm grows with its tokens, its weights do not', () => {
  const one = rmsNormCost({ tokenCount: 1, width: 64 });
  const two = rmsNormCost({ tokenCount: 2, width: 64 });
  expect([two.flops, two.activationBytes]).toEqual([2 * one.flops, 2 * one.activationBytes]);
  expect(two.weightBytes).toBe(one.weightBytes);
});

test('swiglu agrees with f64, and closes and opens the gate at its ends', () => {
  const gate = Float32Array.from({ length: 81 }, (_, i) => (i - 40) / 4);
  const up = gate.map((_, i) => Math.cos(i));
  const y = new Float32Array(gate.length);
  swiglu(y, gate, up, 'fused');
  gate.forEach((g, i) => {
    expect(y[i]).toBeCloseTo((g / (1 + Math.exp(-g))) * (up[i] as number), 5);
  });
  const ends = new Float32Array(2);
  swiglu(ends, Float32Array.from([-200, 200]), Float32Array.from([1, 1]), 'fused');
  expect(Math.abs(ends[0] as number)).toBeLessThan(1e-30);
  expect(ends[1]).toBe(200);
});
