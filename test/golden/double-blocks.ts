/**
 * Stored weights as the numbers they stand for: each value of a block computed by itself.
 *
 * Written from the layouts, as bit fields of a little-endian block, not from any reader of them:
 * a value depends on a block's bytes and its index there, nothing is unpacked in passing.
 *
 *     q4_0 d[2] nibbles[16]        q4_1 d[2] m[2] nibbles[16]      q5_x … fifth bits[4] nibbles[16]
 *     q4_K d[2] m[2] scales[12] nibbles[128]     q6_K low[128] high[64] scales[16] d[2]
 *
 * Source: ggml's block formats (ggml-common.h); OCP Microscaling Formats 1.0 (MXFP4, E8M0);
 * Micikevicius et al. 2022, "FP8 formats for deep learning" (E4M3, E5M2).
 */
import type { Vector } from './double-math.ts';

interface Format {
  /** Values and bytes of a block. */
  count: number;
  bytes: number;
  /** Value `index` of the block that starts at byte `start`. */
  valueAt(view: DataView, start: number, index: number): number;
}

/** The values of one stored row. */
export function expandRow(type: string, stored: Uint8Array, columns: number): Vector {
  const format = FORMATS[type];
  if (format === undefined) throw new Error(`no reading of ${type} in double precision`);
  const { count, bytes, valueAt } = format;
  const expected = (columns / count) * bytes;
  if (stored.length !== expected) throw new Error(`${stored.length} bytes, not ${expected}`);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  return Float64Array.from({ length: columns }, (_, column) =>
    valueAt(view, Math.floor(column / count) * bytes, column % count),
  );
}

// ---- pieces of blocks

/** Nibble of a value among 32: the first 16 are the low halves of 16 bytes. */
function nibbleOf(view: DataView, start: number, index: number): number {
  const byte = view.getUint8(start + (index % 16));
  return index < 16 ? byte % 16 : Math.floor(byte / 16);
}

/** Bit `index` of bytes from `start` on. */
function bitOf(view: DataView, start: number, index: number): number {
  return Math.floor(view.getUint8(start + Math.floor(index / 8)) / 2 ** (index % 8)) % 2;
}

/** `width` bits of a byte from bit `shift` on. */
function fieldOf(byte: number, shift: number, width: number): number {
  return Math.floor(byte / 2 ** shift) % 2 ** width;
}

function half(view: DataView, start: number): number {
  return view.getFloat16(start, true);
}

/** Sign, exponent and mantissa of a small float without infinities. */
function smallFloat(byte: number, exponentBits: number, mantissaBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = fieldOf(byte, mantissaBits, exponentBits);
  const mantissa = fieldOf(byte, 0, mantissaBits) / 2 ** mantissaBits;
  const sign = fieldOf(byte, mantissaBits + exponentBits, 1) === 1 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias);
  return sign * (1 + mantissa) * 2 ** (exponent - bias);
}

/** The 16 levels of IQ4, steps of a bell curve. */
const IQ4_LEVELS = [
  -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
] as const;

/** Scale and minimum of 32 values in q4_K and q5_K, 6 bits each, packed into 12 bytes. */
function scaleAndMinimum(view: DataView, start: number, part: number): [number, number] {
  const byte = (index: number): number => view.getUint8(start + index);
  if (part < 4) return [byte(part) % 64, byte(part + 4) % 64];
  const low = byte(part + 4);
  return [
    (low % 16) + 16 * fieldOf(byte(part - 4), 6, 2),
    Math.floor(low / 16) + 16 * fieldOf(byte(part), 6, 2),
  ];
}

/** Six bits of a scale in q3_K: low nibbles in 8 bytes, high pairs in the next 4. */
function q3Scale(view: DataView, start: number, part: number): number {
  const low = fieldOf(view.getUint8(start + (part % 8)), part < 8 ? 0 : 4, 4);
  const high = fieldOf(view.getUint8(start + 8 + (part % 4)), 2 * Math.floor(part / 4), 2);
  return low + 16 * high - 32;
}

/** Two bits of value `index` of 256: 128 values share 32 bytes, four in each. */
function pairOf(view: DataView, start: number, index: number): number {
  const byte = view.getUint8(start + 32 * Math.floor(index / 128) + (index % 32));
  return fieldOf(byte, 2 * (Math.floor(index / 32) % 4), 2);
}

/** Nibble of value `index` of 256 in q4_K and q5_K: 64 values share 32 bytes. */
function superNibble(view: DataView, start: number, index: number): number {
  const byte = view.getUint8(start + 32 * Math.floor(index / 64) + (index % 32));
  return fieldOf(byte, index % 64 < 32 ? 0 : 4, 4);
}

/** Six bits of value `index` of 256 in q6_K: 128 values share 64 low and 32 high bytes. */
function q6Of(view: DataView, start: number, index: number): number {
  const part = Math.floor(index / 128);
  const low = view.getUint8(start + 64 * part + (index % 64));
  const high = view.getUint8(start + 128 + 32 * part + (index % 32));
  return (
    fieldOf(low, index % 128 < 64 ? 0 : 4, 4) +
    16 * fieldOf(high, 2 * (Math.floor(index / 32) % 4), 2) -
    32
  );
}

// ---- formats

/** A bf16 is the upper half of an f32. */
const wide = new DataView(new ArrayBuffer(4));

const SIMPLE: Readonly<Record<string, Format>> = {
  f32: { count: 1, bytes: 4, valueAt: (view, start) => view.getFloat32(start, true) },
  f16: { count: 1, bytes: 2, valueAt: half },
  bf16: {
    count: 1,
    bytes: 2,
    valueAt: (view, start) => {
      wide.setUint16(0, view.getUint16(start, true));
      return wide.getFloat32(0);
    },
  },
};

const BLOCKS_OF_32: Readonly<Record<string, Format>> = {
  q8_0: {
    count: 32,
    bytes: 34,
    valueAt: (view, start, i) => half(view, start) * view.getInt8(start + 2 + i),
  },
  q4_0: {
    count: 32,
    bytes: 18,
    valueAt: (view, start, i) => half(view, start) * (nibbleOf(view, start + 2, i) - 8),
  },
  q4_1: {
    count: 32,
    bytes: 20,
    valueAt: (view, start, i) =>
      half(view, start) * nibbleOf(view, start + 4, i) + half(view, start + 2),
  },
  q5_0: {
    count: 32,
    bytes: 22,
    valueAt: (view, start, i) =>
      half(view, start) * (nibbleOf(view, start + 6, i) + 16 * bitOf(view, start + 2, i) - 16),
  },
  q5_1: {
    count: 32,
    bytes: 24,
    valueAt: (view, start, i) =>
      half(view, start) * (nibbleOf(view, start + 8, i) + 16 * bitOf(view, start + 4, i)) +
      half(view, start + 2),
  },
  iq4_nl: {
    count: 32,
    bytes: 18,
    valueAt: (view, start, i) =>
      half(view, start) * (IQ4_LEVELS[nibbleOf(view, start + 2, i)] as number),
  },
  mxfp4: {
    count: 32,
    bytes: 17,
    valueAt: (view, start, i) =>
      2 ** (view.getUint8(start) - 127) * smallFloat(nibbleOf(view, start + 1, i), 2, 1),
  },
};

/** 8-bit floats as they are read from files with scales: an f32 scale, then 128 numbers. */
function eightBits(exponentBits: number, mantissaBits: number): Format {
  return {
    count: 128,
    bytes: 132,
    valueAt: (view, start, i) =>
      view.getFloat32(start, true) *
      smallFloat(view.getUint8(start + 4 + i), exponentBits, mantissaBits),
  };
}

const BLOCKS_OF_128: Readonly<Record<string, Format>> = {
  f8_e4m3: eightBits(4, 3),
  f8_e5m2: eightBits(5, 2),
};

const BLOCKS_OF_256: Readonly<Record<string, Format>> = {
  q2_k: {
    count: 256,
    bytes: 84,
    valueAt: (view, start, i) => {
      const byte = view.getUint8(start + Math.floor(i / 16));
      const scaled = half(view, start + 80) * (byte % 16) * pairOf(view, start + 16, i);
      return scaled - half(view, start + 82) * Math.floor(byte / 16);
    },
  },
  q3_k: {
    count: 256,
    bytes: 110,
    valueAt: (view, start, i) => {
      const high = fieldOf(view.getUint8(start + (i % 32)), Math.floor(i / 32), 1);
      const scale = half(view, start + 108) * q3Scale(view, start + 96, Math.floor(i / 16));
      return scale * (pairOf(view, start + 32, i) + 4 * high - 4);
    },
  },
  q4_k: {
    count: 256,
    bytes: 144,
    valueAt: (view, start, i) => {
      const [scale, minimum] = scaleAndMinimum(view, start + 4, Math.floor(i / 32));
      const scaled = half(view, start) * scale * superNibble(view, start + 16, i);
      return scaled - half(view, start + 2) * minimum;
    },
  },
  q5_k: {
    count: 256,
    bytes: 176,
    valueAt: (view, start, i) => {
      const [scale, minimum] = scaleAndMinimum(view, start + 4, Math.floor(i / 32));
      const fifth = fieldOf(view.getUint8(start + 16 + (i % 32)), Math.floor(i / 32), 1);
      const value = superNibble(view, start + 48, i) + 16 * fifth;
      return half(view, start) * scale * value - half(view, start + 2) * minimum;
    },
  },
  q6_k: {
    count: 256,
    bytes: 210,
    valueAt: (view, start, i) =>
      half(view, start + 208) *
      view.getInt8(start + 192 + Math.floor(i / 16)) *
      q6Of(view, start, i),
  },
  iq4_xs: {
    count: 256,
    bytes: 136,
    valueAt: (view, start, i) => {
      const part = Math.floor(i / 32);
      const low = fieldOf(view.getUint8(start + 4 + Math.floor(part / 2)), 4 * (part % 2), 4);
      const high = fieldOf(view.getUint8(start + 2 + Math.floor(part / 4)), 2 * (part % 4), 2);
      const level = IQ4_LEVELS[nibbleOf(view, start + 8 + 16 * part, i % 32)] as number;
      return half(view, start) * (low + 16 * high - 32) * level;
    },
  },
};

const FORMATS: Readonly<Record<string, Format>> = {
  ...SIMPLE,
  ...BLOCKS_OF_32,
  ...BLOCKS_OF_128,
  ...BLOCKS_OF_256,
};
