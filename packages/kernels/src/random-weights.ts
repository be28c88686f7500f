/**
 * Seeded numbers and stored matrices for checks and benchmarks: zeros of both signs, subnormals and
 * large magnitudes among ordinary values.
 */
import {
  BLOCK_FORMATS,
  f32ToBf16,
  f32ToF16,
  quantizeBlocks,
  type StoredMatrix,
  storedRowBytes,
  WEIGHT_TYPES,
  type WeightType,
} from '@wafer/core';

/** A seeded source of 32-bit words (a multiply-and-shift hash of a counter). */
export class RandomWords {
  #counter: number;

  constructor(seed: number) {
    this.#counter = Math.imul(seed, 0x9e3779b1);
  }

  next(): number {
    let word = (this.#counter = (this.#counter + 0x6d2b79f5) | 0);
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }

  /** In [-1, 1). */
  signed(): number {
    return this.next() / 2 ** 31 - 1;
  }
}

/** Ordinary f32 values in [-1, 1). */
export function randomFloats(count: number, seed: number): Float32Array {
  const words = new RandomWords(seed);
  return Float32Array.from({ length: count }, () => words.signed());
}

/**
 * f32 values of which about one in four is a zero, subnormal, tiny or as large as 2^`exponentMax`.
 */
export function wildFloats(count: number, seed: number, exponentMax: number): Float32Array {
  const words = new RandomWords(seed);
  return Float32Array.from({ length: count }, () => {
    const value = words.signed();
    switch (words.next() % 16) {
      case 0:
        return 0;
      case 1:
        return -0;
      case 2:
        return value * 2 ** -130;
      case 3:
        return value * 2 ** -60;
      case 4:
        return value * 2 ** exponentMax;
      default:
        return value;
    }
  });
}

/** A stored matrix of any finite bit patterns; f32 and bf16 stay within 2^±60. */
export function wildMatrix(
  shape: { type: WeightType; rows: number; columns: number },
  seed: number,
): StoredMatrix {
  const { type, rows, columns } = shape;
  const words = new RandomWords(seed);
  const stored = new Uint8Array(rows * storedRowBytes(type, columns)).map(() => words.next());
  if (type === 'f32' || type === 'bf16') {
    const values = wildFloats(rows * columns, seed, 60);
    const halves = new Uint16Array(values.buffer).filter((_, i) => type === 'f32' || i % 2 === 1);
    return { ...shape, stored: new Uint8Array(halves.buffer) };
  }
  const { blockBytes } = WEIGHT_TYPES[type];
  const halfOffsets = type === 'f16' ? [0] : BLOCK_FORMATS[type].halfOffsets;
  for (let at = 0; at < stored.length; at += blockBytes) {
    for (const offset of halfOffsets) makeFinite(stored, at + offset);
    if (type === 'mxfp4' || type === 'f8_e4m3' || type === 'f8_e5m2') tameBlock(type, stored, at);
  }
  return { ...shape, stored };
}

/** Makes a scale that is no f16 and numbers of 8 bits finite; scales stay within 2^±63. */
function tameBlock(type: 'mxfp4' | 'f8_e4m3' | 'f8_e5m2', stored: Uint8Array, at: number): void {
  if (type === 'mxfp4') {
    // One in four keeps its byte, 0 and 254 among them: sums may vanish or overflow there.
    const byte = stored[at] as number;
    if (byte % 4 !== 0) stored[at] = 64 + (byte >> 1);
    return;
  }
  stored[at + 3] = ((stored[at + 3] as number) & 0x9f) | 0x20;
  const worst = type === 'f8_e4m3' ? 0x7f : 0x7c;
  for (let i = at + 4; i < at + 132; i++) {
    const byte = stored[i] as number;
    if ((byte & worst) === worst) stored[i] = byte ^ 0x40;
  }
}

/** Clears an exponent bit of an f16 whose exponent bits are all ones. */
function makeFinite(stored: Uint8Array, at: number): void {
  const high = stored[at + 1] as number;
  if ((high & 0x7c) === 0x7c) stored[at + 1] = high ^ 4;
}

/** A stored matrix of ordinary weights: uniform in ±0.05. */
export function ordinaryMatrix(
  shape: { type: WeightType; rows: number; columns: number },
  seed: number,
): StoredMatrix {
  const { type, rows, columns } = shape;
  const values = randomFloats(rows * columns, seed).map((value) => value * 0.05);
  if (type === 'f32') return { ...shape, stored: new Uint8Array(values.buffer) };
  if (type === 'f16' || type === 'bf16') {
    const halves = Uint16Array.from(values, type === 'f16' ? f32ToF16 : f32ToBf16);
    return { ...shape, stored: new Uint8Array(halves.buffer) };
  }
  const stored = new Uint8Array(rows * storedRowBytes(type, columns));
  quantizeBlocks(type, stored, 0, values);
  return { ...shape, stored };
}
