/**
 * The reference's reading of stored weights, on blocks made by hand from the published layouts.
 *
 * Each block is written as its fields, here, and each expected value by the arithmetic of the
 * format's description; the whole files of llama.cpp are compared in test/full.
 */
import { expect, test } from 'vitest';
import { expandRow } from './double-blocks.ts';

const HALF_ONE = [0x00, 0x3c]; // 1 as f16
const HALF_QUARTER = [0x00, 0x34]; // 0.25
const HALF_MINUS_TWO = [0x00, 0xc0]; // -2

/** Values of a row; zeros have no sign here. */
function values(type: string, bytes: number[], columns: number): number[] {
  return Array.from(expandRow(type, Uint8Array.from(bytes), columns), (value) => value + 0);
}

function counted(count: number, byteAt: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => byteAt(index));
}

function numbers(count: number, valueAt: (index: number) => number): number[] {
  return counted(count, valueAt).map((value) => value + 0);
}

/** 16 bytes: value i in the low nibble of byte i, value 16 + i in the high one. */
const NIBBLES = counted(16, (i) => i + 16 * (15 - i));
/** The 32 values in NIBBLES. */
const nibble = (i: number): number => (i < 16 ? i : 31 - i);

test('plain types are what IEEE and bfloat16 say', () => {
  expect(values('f32', [0, 0, 0xc0, 0x3f], 1)).toEqual([1.5]);
  expect(values('f16', [0x01, 0x00, ...HALF_MINUS_TWO], 2)).toEqual([2 ** -24, -2]);
  expect(values('bf16', [0xc0, 0x3f, 0x49, 0xc0], 2)).toEqual([1.5, -3.140625]);
});

test('8-bit floats have 4 or 5 bits of exponent, and a scale for 128 of them', () => {
  const half = [0, 0, 0, 0x3f]; // 0.5 as f32
  const row = (start: number[]): number[] => [...half, ...start, ...counted(124, () => 0)];
  const zeros = counted(124, () => 0);
  // Of E4M3: one, the least, the largest, minus a half. Of E5M2 the same.
  expect(values('f8_e4m3', row([0x38, 0x01, 0x7e, 0xb0]), 128)).toEqual(
    [1, 2 ** -9, 448, -0.5, ...zeros].map((value) => value / 2),
  );
  expect(values('f8_e5m2', row([0x3c, 0x01, 0x7b, 0xb8]), 128)).toEqual(
    [1, 2 ** -16, 57_344, -0.5, ...zeros].map((value) => value / 2),
  );
});

test('blocks of 32 with 8 bits, or 4 around 8', () => {
  const bytes = counted(32, (i) => (i - 16) & 0xff);
  expect(values('q8_0', [...HALF_QUARTER, ...bytes], 32)).toEqual(numbers(32, (i) => (i - 16) / 4));
  expect(values('q4_0', [...HALF_MINUS_TWO, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => -2 * (nibble(i) - 8)),
  );
});

test('blocks of 32 with a minimum', () => {
  expect(values('q4_1', [...HALF_QUARTER, ...HALF_MINUS_TWO, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => nibble(i) / 4 - 2),
  );
});

test('blocks of 32 with fifth bits', () => {
  // Fifth bits of values 0, 9, 16 and 31.
  const fifth = [0b0000_0001, 0b0000_0010, 0b0000_0001, 0b1000_0000];
  const five = (i: number): number => nibble(i) + ([0, 9, 16, 31].includes(i) ? 16 : 0);
  expect(values('q5_0', [...HALF_ONE, ...fifth, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => five(i) - 16),
  );
  expect(values('q5_1', [...HALF_ONE, ...HALF_QUARTER, ...fifth, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => five(i) + 0.25),
  );
});

test('blocks of 32 with levels', () => {
  const bell = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
  expect(values('iq4_nl', [...HALF_QUARTER, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => (bell[nibble(i)] as number) / 4),
  );
  const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];
  expect(values('mxfp4', [127, ...NIBBLES], 32)).toEqual(
    numbers(32, (i) => e2m1[nibble(i)] as number),
  );
  expect(values('mxfp4', [120, ...NIBBLES], 32)[7]).toBe(6 / 128);
});

test('q2_K: 16 scales and minima of 4 bits, four values a byte', () => {
  // Scale i and minimum 15 - i of part i; values i % 4 of bytes whose pairs are 0, 1, 2, 3.
  const scales = counted(16, (i) => i + 16 * (15 - i));
  const pairs = counted(64, () => 0b11_10_01_00);
  const block = [...scales, ...pairs, ...HALF_QUARTER, ...HALF_MINUS_TWO];
  expect(values('q2_k', block, 256)).toEqual(
    numbers(256, (i) => {
      const part = Math.floor(i / 16);
      return 0.25 * part * (Math.floor(i / 32) % 4) + 2 * (15 - part);
    }),
  );
});

test('q3_K: 16 scales of 6 bits, a third bit apart', () => {
  // High bits: of all values whose index is 3 below a multiple of 32. Scale i + 16 (i % 4).
  const high = counted(32, (i) => (i === 29 ? 0xff : 0));
  const pairs = counted(64, () => 0b11_10_01_00);
  const wanted = numbers(16, (part) => part + 16 * (part % 4));
  const low = counted(8, (i) => (wanted[i]! % 16) + 16 * (wanted[i + 8]! % 16));
  const top = counted(4, (i) =>
    [0, 1, 2, 3].reduce((byte, j) => byte + (wanted[i + 4 * j]! >> 4) * 4 ** j, 0),
  );
  const block = [...high, ...pairs, ...low, ...top, ...HALF_QUARTER];
  expect(values('q3_k', block, 256)).toEqual(
    numbers(256, (i) => {
      const value = (Math.floor(i / 32) % 4) - (i % 32 === 29 ? 0 : 4);
      return 0.25 * (wanted[Math.floor(i / 16)]! - 32) * value;
    }),
  );
});

/** Eight scales and minima of 6 bits in 12 bytes, as in q4_K and q5_K. */
function packed(scales: number[], minima: number[]): number[] {
  const of = (list: number[], i: number): number => list[i] as number;
  return [
    ...counted(4, (i) => (of(scales, i) % 64) + 64 * (of(scales, i + 4) >> 4)),
    ...counted(4, (i) => (of(minima, i) % 64) + 64 * (of(minima, i + 4) >> 4)),
    ...counted(4, (i) => (of(scales, i + 4) % 16) + 16 * (of(minima, i + 4) % 16)),
  ];
}

const SCALES = [1, 62, 3, 33, 17, 63, 0, 48];
const MINIMA = [5, 0, 63, 31, 32, 2, 50, 16];

test('q4_K: 8 scales and minima of 6 bits, nibbles of 64 values in 32 bytes', () => {
  const nibbles = counted(128, (i) => (i % 16) + 16 * (Math.floor(i / 8) % 16));
  const block = [...HALF_QUARTER, ...HALF_ONE, ...packed(SCALES, MINIMA), ...nibbles];
  expect(values('q4_k', block, 256)).toEqual(
    numbers(256, (i) => {
      const byte = 32 * Math.floor(i / 64) + (i % 32);
      const value = i % 64 < 32 ? byte % 16 : Math.floor(byte / 8) % 16;
      const part = Math.floor(i / 32);
      return 0.25 * SCALES[part]! * value - MINIMA[part]!;
    }),
  );
});

test('q5_K: a fifth bit, of values 32 apart in one byte', () => {
  const fifth = counted(32, (i) => (i % 2 === 0 ? 0b0101_0101 : 0b1000_0000));
  const nibbles = counted(128, () => 0x93);
  const block = [...HALF_QUARTER, ...HALF_ONE, ...packed(SCALES, MINIMA), ...fifth, ...nibbles];
  expect(values('q5_k', block, 256)).toEqual(
    numbers(256, (i) => {
      const part = Math.floor(i / 32);
      const hasFifth = i % 2 === 0 ? part % 2 === 0 : part === 7;
      const value = (part % 2 === 0 ? 3 : 9) + (hasFifth ? 16 : 0);
      return 0.25 * SCALES[part]! * value - MINIMA[part]!;
    }),
  );
});

test('q6_K: 16 signed scales, low nibbles of 128 values in 64 bytes, high pairs in 32', () => {
  const low = counted(128, (i) => (i % 16) + 16 * ((i + 5) % 16));
  const high = counted(64, () => 0b11_10_01_00);
  const scales = counted(16, (i) => (3 * i - 20) & 0xff);
  const block = [...low, ...high, ...scales, ...HALF_QUARTER];
  expect(values('q6_k', block, 256)).toEqual(
    numbers(256, (i) => {
      const byte = 64 * Math.floor(i / 128) + (i % 64);
      const lowBits = i % 128 < 64 ? byte % 16 : (byte + 5) % 16;
      const value = lowBits + 16 * (Math.floor(i / 32) % 4) - 32;
      return 0.25 * (3 * Math.floor(i / 16) - 20) * value;
    }),
  );
});

test('iq4_xs: 8 scales of 6 bits, low nibbles and high pairs apart', () => {
  const scales = [0, 63, 32, 33, 31, 16, 47, 5];
  const top = counted(2, (i) =>
    [0, 1, 2, 3].reduce((byte, j) => byte + (scales[4 * i + j]! >> 4) * 4 ** j, 0),
  );
  const low = counted(4, (i) => (scales[2 * i]! % 16) + 16 * (scales[2 * i + 1]! % 16));
  // Levels 0 and 15: -127 and 113.
  const block = [...HALF_QUARTER, ...top, ...low, ...counted(128, () => 0xf0)];
  expect(values('iq4_xs', block, 256)).toEqual(
    numbers(256, (i) => {
      const scale = scales[Math.floor(i / 32)]! - 32;
      return 0.25 * scale * (i % 32 < 16 ? -127 : 113);
    }),
  );
});

test('a row must have the bytes of its blocks, and a type that is known', () => {
  expect(() => values('q4_0', NIBBLES, 32)).toThrow('16 bytes, not 18');
  expect(() => values('q9_9', NIBBLES, 32)).toThrow('no reading of q9_9');
});
