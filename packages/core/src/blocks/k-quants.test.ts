import { expect, test } from 'vitest';
import { quantizeK } from './k-quantize.ts';
import { dequantizeRow } from '../ops/weights.ts';
import { K_COLUMNS, K_QUANTS, type KType } from './k-quants.ts';

const TYPES: KType[] = ['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'];

/** f16 bit patterns, low byte first. */
const [ONE, TWO] = [
  [0x00, 0x3c],
  [0x00, 0x40],
];

/** A block of zeros with some bytes set. */
function block(
  type: KType,
  bytes: Readonly<Record<number, number | readonly number[]>>,
): Uint8Array {
  const stored = new Uint8Array(K_QUANTS[type].blockBytes);
  for (const [at, value] of Object.entries(bytes)) stored.set([value].flat(), Number(at));
  return stored;
}

function valuesOf(type: KType, stored: Uint8Array): number[] {
  const values = new Float32Array(K_COLUMNS);
  dequantizeRow(values, { type, rows: 1, columns: K_COLUMNS, stored }, 0);
  return [...values];
}

/** Values that differ from the rest, with their places. */
function lone(values: readonly number[], rest: number): [number, number][] {
  return [...values.entries()].filter(([, value]) => value !== rest);
}

test('q2_k: s is the low nibble and m the high one; 2 bits per 32 inputs of a half', () => {
  // Sub-block 5 (inputs 80-95): s 3, m 4. Byte 16 + 17, bits 4 and 5: input 32 · 2 + 17 = 81.
  const stored = block('q2_k', { 5: 0x43, 33: 0b10_0000, 80: ONE, 82: TWO });
  const values = valuesOf('q2_k', stored);
  expect(values.slice(80, 96)).toEqual([-8, -2, ...new Array<number>(14).fill(-8)]);
  expect(lone(values.slice(96), 0)).toEqual([]);
  // The second half of inputs: bytes 48-79.
  const far = block('q2_k', { 15: 0x01, 79: 0b1100_0000, 80: ONE });
  expect(lone(valuesOf('q2_k', far), 0)).toEqual([[255, 3]]);
});

test('q3_k: s has six bits less 32, q is 4 less where its bit 2 is clear', () => {
  // All s are 32 (that is 0) but that of sub-block 9: low nibble 5, high bits 3: 53 - 32 = 21.
  const high = [0b10101010, 0b10101010 | (1 << 4), 0b10101010, 0b10101010];
  const stored = block('q3_k', { 97: 0x50, 104: high, 108: TWO });
  stored[4] = 1 << 4; // input 32 · 4 + 4 = 132: not in sub-block 9
  stored[19] = 1 << 4; // input 147: in sub-block 9
  stored[64 + 20] = 0b11; // input 148: the bits 0 and 1 of 32 · 4 + 20
  const values = valuesOf('q3_k', stored);
  expect(lone(values.slice(144, 160), -168)).toEqual([
    [3, 0],
    [4, -42],
  ]);
  expect(lone(values, 0).filter(([index]) => index < 144 || index >= 160)).toEqual([]);
});

test('q4_k: nibbles by 64 inputs; s and m of sub-blocks 4 to 7 are put together', () => {
  const scales = [0, 0, 0b10_000000 | 3, 0, 0, 0, 0b01_000000 | 7, 0, 0, 0, 0x95, 0];
  const stored = block('q4_k', { 0: ONE, 2: TWO, 4: scales });
  stored[16 + 32 + 1] = 0x0e; // input 65, sub-block 2: s 3, m 7
  stored[16 + 96 + 31] = 0x10; // input 192 + 32 + 31 = 255, sub-block 7
  stored[16 + 96 + 2] = 0x0b; // input 194, sub-block 6: s 5 + 32, m 9 + 16
  const values = valuesOf('q4_k', stored);
  expect(lone(values.slice(64, 96), -14)).toEqual([[1, 28]]);
  expect(lone(values.slice(192, 224), -50)).toEqual([[2, 37 * 11 - 50]]);
  expect(lone([...values.slice(0, 64), ...values.slice(96, 192), ...values.slice(224)], 0)).toEqual(
    [],
  );
});

test('q5_k: bit 4 of input i is bit i / 32 of byte i mod 32', () => {
  const stored = block('q5_k', { 0: ONE, 4: [1, 1, 1, 1], 12: [1, 1, 1, 1] });
  stored[16 + 9] = 0b1000_0010; // inputs 41 and 233
  stored[48 + 9] = 0xf0; // input 41
  expect(lone(valuesOf('q5_k', stored), 0)).toEqual([
    [41, 31],
    [233, 16],
  ]);
});

test('q6_k: 4 and 2 bits less 32, under signed scales', () => {
  const stored = block('q6_k', { 192: new Array<number>(16).fill(0), 208: ONE });
  stored[192 + 13] = 0x80; // sub-block 13, inputs 208-223: s = -128
  stored[64 + 17] = 0x70; // input 128 + 64 + 17 = 209: low bits 7
  stored[128 + 32 + 17] = 0b10_0000; // the same input: high bits 2
  const values = valuesOf('q6_k', stored);
  expect(lone(values.slice(208, 224), 4096)).toEqual([[1, -128 * 7]]);
  expect(values.slice(0, 208).every((value) => value === 0)).toBe(true);
});

/** Values that differ in range by sub-block, with both signs. */
function row(): Float32Array {
  return Float32Array.from({ length: K_COLUMNS }, (_, i) =>
    Math.fround(Math.sin(i * 1.7) * (1 + (i >> 4)) * 0.1 + 0.05),
  );
}

test.each([
  { type: 'q2_k', steps: 3, scaleSteps: 15 },
  { type: 'q3_k', steps: 4, scaleSteps: 32 },
  { type: 'q4_k', steps: 15, scaleSteps: 63 },
  { type: 'q5_k', steps: 31, scaleSteps: 63 },
  { type: 'q6_k', steps: 32, scaleSteps: 128 },
] as const)('$type comes back within its steps', ({ type, steps, scaleSteps }) => {
  const values = row();
  const stored = new Uint8Array(K_QUANTS[type].blockBytes + 3);
  quantizeK(type, stored, 3, values);
  const back = new Float32Array(K_COLUMNS);
  dequantizeRow(back, { type, rows: 1, columns: K_COLUMNS, stored: stored.subarray(3) }, 0);
  const { subColumns, minimum } = K_QUANTS[type];
  // The coarsest scale of the block: what rounding s and m can move.
  const largest = 2 * Math.max(...values.map(Math.abs));
  for (let first = 0; first < K_COLUMNS; first += subColumns) {
    const sub = values.subarray(first, first + subColumns);
    const span = minimum
      ? Math.max(0, ...sub) - Math.min(0, ...sub)
      : Math.max(...sub.map(Math.abs));
    // Half a step, a whole one at the end that signed integers lack; then s, m and d themselves.
    const limit = span * ((minimum ? 0.5 : 1) / steps) + largest * (0.6 / scaleSteps) + 2e-3;
    sub.forEach((value, i) => {
      expect(Math.abs(back[first + i]! - value)).toBeLessThan(limit);
    });
  }
});

test.each(TYPES)('%s keeps what it can hold, and finds the sign of the extreme', (type) => {
  const { subColumns, integerMin, integerMax, integer } = K_QUANTS[type];
  const stored = new Uint8Array(K_QUANTS[type].blockBytes);
  const range = integerMax - integerMin + 1;
  for (const sign of [1, -1]) {
    // Every integer of the type, in sub-blocks of equal range; those with minima reach from 0.
    const values = Float32Array.from({ length: K_COLUMNS }, (_, i) => {
      if (i % subColumns === 0) return sign * (integerMin || integerMax);
      return sign * ((i % range) + integerMin);
    });
    quantizeK(type, stored, 0, values);
    const back = valuesOf(type, stored);
    const isExact = integerMin < 0 || sign > 0;
    for (let i = 0; i < K_COLUMNS; i++) {
      const error = Math.abs(back[i]! - (values[i] as number));
      expect(error).toBeLessThanOrEqual(isExact ? 2e-3 * integerMax : 0.1);
      if (isExact) expect(integer(stored, 0, i) * sign).toBeCloseTo(values[i]!, 9);
    }
  }
});

test.each(TYPES)('%s keeps zeros', (type) => {
  const stored = new Uint8Array(K_QUANTS[type].blockBytes).fill(77);
  quantizeK(type, stored, 0, new Float32Array(K_COLUMNS));
  expect(lone(valuesOf(type, stored), 0)).toEqual([]);
});
