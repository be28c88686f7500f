/**
 * One token through K-quants: inputs are spread over places of fields, unless they are so large
 * that this could overflow.
 */
import { BLOCK_FORMATS, linear, packedBytes, storedRowBytes, WEIGHT_TYPES } from '@wafer/core';
import type { Rounding, StoredMatrix } from '@wafer/core';
import { expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { ordinaryMatrix, randomFloats, wildMatrix } from './random-weights.ts';
import { linearScratchBytes } from './scratch.ts';

const TYPES = ['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'] as const;
type KType = (typeof TYPES)[number];
const COLUMNS = 512;

/** Kernel and reference, as bits. */
function products(
  matrix: StoredMatrix & { type: KType },
  x: Float32Array,
  rounding: Rounding,
): { actual: Uint32Array; expected: Uint32Array } {
  const { type, rows, columns, stored } = matrix;
  const arena = new Arena(rounding, 2 ** 18);
  const source = arena.put(stored).address;
  const from = arena.put(x).address;
  const weights = arena.add(packedBytes(type, rows, columns)).address;
  const y = arena.add(4 * rows);
  const scratch = arena.add(linearScratchBytes(type, columns));
  const { pack, linear: kernels } = arena.kernels;
  pack[type](weights, source, storedRowBytes(type, columns), rows, columns);
  const stray = arena.strayWrite([y, scratch], () =>
    kernels[type](y.address, rows, weights, from, columns, 1, rows, columns, scratch.address),
  );
  expect(stray).toBe(-1);
  const expected = new Float32Array(rows);
  linear(expected, matrix, x, { tokenCount: 1, rounding });
  return {
    actual: new Uint32Array(arena.floats(y).slice().buffer),
    expected: new Uint32Array(expected.buffer),
  };
}

test.each(TYPES)('one token of %s gives the bits of the reference', (type) => {
  for (const rounding of ['fused', 'plain'] as const) {
    for (const rows of [32, 19]) {
      const matrix = { ...wildMatrix({ type, rows, columns: COLUMNS }, rows), type };
      const { actual, expected } = products(matrix, randomFloats(COLUMNS, 5), rounding);
      expect(actual).toEqual(expected);
    }
  }
});

test.each(TYPES)('inputs of any size give the bits of the reference in %s', (type) => {
  const matrix = { ...ordinaryMatrix({ type, rows: 32, columns: COLUMNS }, 3), type };
  for (const exponent of [-149, -126, 90, 99, 101, 117, 126]) {
    const x = randomFloats(COLUMNS, 6).map((value) => value * 0.1);
    // One input of another size, at places that a body, its rest and a group's end have.
    for (const at of [0, 15, 30, 31, 255, 511]) {
      const row = x.slice();
      row[at] = 2 ** exponent;
      const { actual, expected } = products(matrix, row, 'fused');
      expect(actual, `2^${exponent} at ${at}`).toEqual(expected);
    }
  }
});

test.each(TYPES)('an input that is not a number makes every output so in %s', (type) => {
  const matrix = { ...ordinaryMatrix({ type, rows: 32, columns: COLUMNS }, 3), type };
  const x = randomFloats(COLUMNS, 6);
  x[300] = NaN;
  const { actual } = products(matrix, x, 'fused');
  expect(new Float32Array(actual.buffer).every(Number.isNaN)).toBe(true);
});

test.each(TYPES)('d and dmin of %s must be finite', (type) => {
  const arena = new Arena('fused', 2 ** 18);
  const { blockBytes } = WEIGHT_TYPES[type];
  const rowBytes = 2 * blockBytes;
  for (const offset of BLOCK_FORMATS[type].halfOffsets) {
    for (const [row, block] of [
      [0, 1],
      [17, 0],
    ] as const) {
      arena.clear();
      const { stored } = wildMatrix({ type, rows: 18, columns: COLUMNS }, 4);
      stored.set([0x01, 0xfc], row * rowBytes + block * blockBytes + offset);
      const source = arena.put(stored).address;
      const target = arena.add(packedBytes(type, 18, COLUMNS)).address;
      expect(arena.kernels.pack[type](target, source, rowBytes, 18, COLUMNS)).toBe(1);
      expect(arena.kernels.pack[type](target, source, rowBytes, row, COLUMNS)).toBe(0);
    }
  }
});
