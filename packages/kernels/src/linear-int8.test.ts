import { type Int8Type, linearInt8, packedBytes, storedRowBytes } from '@wafer/core';
import { expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { linearScratchBytes } from './scratch.ts';

const [ROWS, COLUMNS] = [32, 64];
const F16_ONE = [0, 0x3c];

/** Weights that are all one byte, with a scale of 1, times rows of inputs. */
function product(type: Int8Type, byte: number, inputs: readonly Float32Array[]): Float32Array[] {
  const arena = new Arena('fused', 2 ** 18);
  const stored = new Uint8Array(ROWS * storedRowBytes(type, COLUMNS)).fill(byte);
  const blockBytes = storedRowBytes(type, 32);
  for (let at = 0; at < stored.length; at += blockBytes) stored.set(F16_ONE, at);
  const tokenCount = inputs.length;
  const x = new Float32Array(tokenCount * COLUMNS);
  inputs.forEach((row, t) => x.set(row, t * COLUMNS));
  const source = arena.put(stored).address;
  const from = arena.put(x).address;
  const weights = arena.add(packedBytes(type, ROWS, COLUMNS)).address;
  const y = arena.add(4 * tokenCount * ROWS);
  const scratch = arena.add(linearScratchBytes(type, COLUMNS, 'int8')).address;
  arena.kernels.pack[type](weights, source, storedRowBytes(type, COLUMNS), ROWS, COLUMNS);
  const run = arena.kernels.linearInt8[type];
  run(y.address, ROWS, weights, from, COLUMNS, tokenCount, ROWS, COLUMNS, scratch);
  const expected = new Float32Array(tokenCount * ROWS);
  const matrix = { type, rows: ROWS, columns: COLUMNS, stored };
  linearInt8(expected, matrix, x, { tokenCount, rounding: 'fused' });
  return [arena.floats(y), expected];
}

const filled = (value: number): Float32Array => new Float32Array(COLUMNS).fill(value);

test.each([
  { type: 'q8_0', byte: 0x80, weight: -128 },
  { type: 'q8_0', byte: 0x7f, weight: 127 },
  { type: 'q4_0', byte: 0x00, weight: -8 },
  { type: 'q4_0', byte: 0xff, weight: 7 },
] as const)('sums of $weight times ±127 overflow nothing in $type', ({ type, byte, weight }) => {
  for (const count of [1, 4]) {
    const inputs = Array.from({ length: count }, (_, t) => filled(t % 2 ? -127 : 127));
    const [actual, expected] = product(type, byte, inputs);
    expect(actual).toEqual(expected);
    expect(actual![0]).toBe(weight * 127 * COLUMNS);
  }
});

test.each(['q8_0', 'q4_0'] as const)('what is not finite stays so in %s', (type) => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const row = filled(1);
    row[37] = value;
    for (const inputs of [[row], [filled(1), row]]) {
      const [actual] = product(type, 0x11, inputs);
      const [last, first] = [actual!.slice(-ROWS), actual!.slice(0, ROWS)];
      expect(last.some(Number.isFinite)).toBe(false);
      expect(first.every(Number.isFinite)).toBe(inputs.length > 1);
    }
  }
});
