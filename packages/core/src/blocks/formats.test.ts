import { expect, test } from 'vitest';
import { BLOCK_FORMATS, quantizeBlocks } from './formats.ts';
import { dequantizeRow } from '../ops/weights.ts';

/** A smooth row with its extreme at input 5. */
function row(extreme: number): Float32Array {
  const values = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i * 1.7) * 0.9);
  values[5] = extreme;
  return values;
}

test.each([
  { type: 'q8_0', bytes: 34, steps: 254 },
  { type: 'q4_0', bytes: 18, steps: 16 },
] as const)('$type comes back within half a step', ({ type, bytes, steps }) => {
  for (const extreme of [-1, 1, 1.5]) {
    const values = row(extreme);
    const stored = new Uint8Array(bytes);
    quantizeBlocks(type, stored, 0, values);
    const back = new Float32Array(32);
    dequantizeRow(back, { type, rows: 1, columns: 32, stored }, 0);
    const step = (2 * Math.abs(extreme)) / steps;
    // The largest step of q4_0 lacks its positive end (+8), and the f16 scale rounds once more.
    const limit = type === 'q4_0' ? 1.01 * step : 0.51 * step + 1e-3;
    values.forEach((value, i) => expect(Math.abs(value - (back[i] as number))).toBeLessThan(limit));
  }
});

test('q8_0 maps the largest magnitude to 127 and halves away from zero', () => {
  const values = new Float32Array(32);
  values.set([127, -127, 0.5, -0.5, 1.49]);
  const stored = new Uint8Array(34);
  quantizeBlocks('q8_0', stored, 0, values);
  const { scale, integer } = BLOCK_FORMATS.q8_0;
  expect(scale(stored, 0, 0)).toBe(1);
  expect([0, 1, 2, 3, 4].map((i) => integer(stored, 0, i))).toEqual([127, -127, 1, -1, 1]);
});

test('q4_0 maps the extreme to -8 whatever its sign, and splits a block in halves', () => {
  const values = new Float32Array(32);
  values.set([4, 3.5, -3.5, 0]);
  values[16] = -2;
  const stored = new Uint8Array(18);
  quantizeBlocks('q4_0', stored, 0, values);
  const { scale, integer } = BLOCK_FORMATS.q4_0;
  expect(scale(stored, 0, 0)).toBe(-0.5);
  expect([0, 1, 2, 3, 16].map((i) => integer(stored, 0, i))).toEqual([-8, -7, 7, 0, 4]);
  expect((stored[2] as number) >> 4).toBe(12); // input 16 is the high nibble of byte 0
});

test('a block of zeros has scale 0 and stays zero', () => {
  const stored = new Uint8Array(34).fill(77);
  quantizeBlocks('q8_0', stored, 0, new Float32Array(32));
  const back = new Float32Array(32).fill(1);
  dequantizeRow(back, { type: 'q8_0', rows: 1, columns: 32, stored }, 0);
  expect(back.every((value) => value === 0)).toBe(true);
});
