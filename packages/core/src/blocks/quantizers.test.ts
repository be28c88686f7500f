import { expect, test } from 'vitest';
import { BLOCK_FORMATS, type BlockType, quantizeBlocks } from './formats.ts';
import { dequantizeRow } from '../ops/weights.ts';

/** The largest error of a type over the largest value: half a step, and what scales round. */
const ERRORS: Partial<Record<BlockType, number>> = {
  q4_1: 1 / 15 + 1e-3, // of values on both sides
  q5_0: 1 / 16 + 1e-3, // the far end lacks its integer
  q5_1: 1 / 31 + 1e-3,
  iq4_nl: 0.12, // half of the table's widest gap, and the fit
  iq4_xs: 0.14, // and 6 bits of scale
  mxfp4: 0.26, // above 6 of 8
  f8_e4m3: 1 / 16 + 1e-3,
  f8_e5m2: 1 / 8 + 1e-3,
};

/** A smooth row; `extreme` at one input. */
function wave(count: number, extreme: number): Float32Array {
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) * 0.9);
  values[5] = extreme;
  return values;
}

function roundTrip(type: BlockType, values: Float32Array): Float32Array {
  const { blockBytes } = BLOCK_FORMATS[type];
  const stored = new Uint8Array(blockBytes).fill(77);
  quantizeBlocks(type, stored, 0, values);
  const back = new Float32Array(values.length);
  dequantizeRow(back, { type, rows: 1, columns: values.length, stored }, 0);
  return back;
}

test.each(Object.entries(ERRORS) as [BlockType, number][])(
  '%s comes back within %f of its largest value',
  (type, error) => {
    const { blockColumns } = BLOCK_FORMATS[type];
    for (const extreme of [-1, 1, 1.5]) {
      const values = wave(blockColumns, extreme);
      const back = roundTrip(type, values);
      const worst = Math.max(...values.map((value, i) => Math.abs(value - back[i]!)));
      expect(worst).toBeLessThan(error * Math.abs(extreme));
      expect(worst).toBeGreaterThan(0);
    }
    const zeros = new Float32Array(blockColumns);
    const spread = Math.max(...roundTrip(type, zeros).map(Math.abs));
    expect(spread).toBeLessThan(1e-30); // iq4 has no 0, but a scale of 0
  },
);

test('q4_1 and q5_1 span from the smallest value to the largest', () => {
  const values = Float32Array.from({ length: 32 }, (_, i) => 2 + i / 31);
  for (const [type, steps] of [['q4_1', 15] as const, ['q5_1', 31] as const]) {
    const stored = new Uint8Array(BLOCK_FORMATS[type].blockBytes);
    quantizeBlocks(type, stored, 0, values);
    const { integer, minimum } = BLOCK_FORMATS[type];
    expect(minimum!(stored, 0, 0)).toBe(2);
    expect([integer(stored, 0, 0), integer(stored, 0, 31)]).toEqual([0, steps]);
  }
});

test('q5_0 maps the extreme to -16 whatever its sign; fifth bits lie in order of inputs', () => {
  const values = new Float32Array(32);
  values.set([8, 7.5, -7.5, 0]);
  values[31] = -4;
  const stored = new Uint8Array(22);
  quantizeBlocks('q5_0', stored, 0, values);
  const { integer, scale } = BLOCK_FORMATS.q5_0;
  expect(scale(stored, 0, 0)).toBe(-0.5);
  expect([0, 1, 2, 3, 31].map((i) => integer(stored, 0, i))).toEqual([-16, -15, 15, 0, 8]);
  expect(stored[2]! & 15).toBe(0b1100); // of inputs 0 to 3
});

test('mxfp4 keeps the numbers of E2M1 exactly, at a power of two', () => {
  const numbers = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.5, -1, -1.5, -2, -3, -4, -6];
  const values = Float32Array.from({ length: 32 }, (_, i) => numbers[i % 15]! * 2 ** -9);
  expect(roundTrip('mxfp4', values)).toEqual(values);
  const stored = new Uint8Array(17);
  quantizeBlocks('mxfp4', stored, 0, values);
  expect(stored[0]).toBe(127 - 9);
});

test('8-bit floats round to nearest, ties to even, down to subnormals', () => {
  const values = new Float32Array(128);
  values.set([448, 17, 19, 1 / 512, 1 / 1024, 3 / 1024, -448]);
  const back = Array.from(roundTrip('f8_e4m3', values).subarray(0, 7));
  expect(back).toEqual([448, 16, 20, 1 / 512, 0, 1 / 256, -448]);
});

test('numbers of 8 bits are those of the specification', () => {
  const number = (type: 'f8_e4m3' | 'f8_e5m2', byte: number): number =>
    BLOCK_FORMATS[type].integer(Uint8Array.of(0, 0, 0, 0, byte), 0, 0);
  const e4m3 = [0x00, 0x01, 0x08, 0x38, 0x7e, 0xfe, 0x7f].map((byte) => number('f8_e4m3', byte));
  expect(e4m3).toEqual([0, 2 ** -9, 2 ** -6, 1, 448, -448, NaN]);
  const e5m2 = [0x01, 0x04, 0x3c, 0x7b, 0x7c, 0x7d].map((byte) => number('f8_e5m2', byte));
  expect(e5m2).toEqual([2 ** -16, 2 ** -14, 1, 57_344, Infinity, NaN]);
});

test.each([
  ['q4_0', 7 / 8],
  ['q5_0', 15 / 16],
] as const)(
  '%s: what lies as far out as the extreme, on the other side, stays there',
  (type, far) => {
    const values = Float32Array.from({ length: 32 }, (_, i) => (i % 3 === 0 ? -1 : 1));
    const expected = Array.from(values, (value) => (value < 0 ? -1 : far));
    expect([...roundTrip(type, values)]).toEqual(expected);
  },
);

test('a block of zeros is zeros, and a scale that is none makes no number', () => {
  const stored = new Uint8Array(132).fill(77);
  quantizeBlocks('f8_e4m3', stored, 0, new Float32Array(128));
  expect(stored).toEqual(new Uint8Array(132));
  const block = new Uint8Array(17).fill(0x11);
  block[0] = 255;
  const back = new Float32Array(32);
  dequantizeRow(back, { type: 'mxfp4', rows: 1, columns: 32, stored: block }, 0);
  expect(back.every(Number.isNaN)).toBe(true);
});
