/**
 * K-quants: 256 inputs of a row share one f16 scale d (and one of minima, dmin); sub-blocks of 16
 * or 32 inputs have small integers s (and m) beside it.
 *
 *   value = d · s · q - dmin · m          (q3_k and q6_k: no minimum, q signed)
 *
 *   q2_k   84 bytes  16 bytes s | m << 4, 64 of q's 2 bits, d, dmin            16 sub-blocks of 16
 *   q3_k  110 bytes  32 of q's bit 2, 64 of bits 0 and 1, 12 of s, d           16 sub-blocks of 16
 *   q4_k  144 bytes  d, dmin, 12 of s and m, 128 of q's 4 bits                  8 sub-blocks of 32
 *   q5_k  176 bytes  d, dmin, 12 of s and m, 32 of q's bit 4, 128 of bits 0-3   8 sub-blocks of 32
 *   q6_k  210 bytes  128 of q's bits 0-3, 64 of bits 4 and 5, 16 i8 s, d       16 sub-blocks of 16
 *
 * Every d · s and dmin · m is exact in f32: 11 bits times 8 at most. Source: the block structs of
 * ggml-common.h and the dequantizers of ggml-quants.c.
 */
import { readF16 } from './block-format.ts';

/** The K-quants. */
export type KType = 'q2_k' | 'q3_k' | 'q4_k' | 'q5_k' | 'q6_k';

/** Inputs per block. */
export const K_COLUMNS = 256;

/** How one type stores its block, which starts at byte `block`. */
export interface KQuant {
  blockBytes: number;
  /** Inputs per sub-block. */
  subColumns: 16 | 32;
  /** The range of the stored integers. */
  integerMin: number;
  integerMax: number;
  /** q of input `index`. */
  integer(stored: Uint8Array, block: number, index: number): number;
  /** d · s of a sub-block. */
  scale(stored: Uint8Array, block: number, sub: number): number;
  /** dmin · m of a sub-block, where the type has minima. */
  minimum?(stored: Uint8Array, block: number, sub: number): number;
}

const q2: KQuant = {
  blockBytes: 84,
  subColumns: 16,
  integerMin: 0,
  integerMax: 3,
  integer: (stored, block, index) => twoBits(stored, block + 16, index),
  scale: (stored, block, sub) => readF16(stored, block + 80) * (byteAt(stored, block + sub) & 15),
  minimum: (stored, block, sub) => readF16(stored, block + 82) * (byteAt(stored, block + sub) >> 4),
};

const q3: KQuant = {
  blockBytes: 110,
  subColumns: 16,
  integerMin: -4,
  integerMax: 3,
  integer: (stored, block, index) => {
    const bit = (byteAt(stored, block + (index & 31)) >> (index >> 5)) & 1;
    return twoBits(stored, block + 32, index) + 4 * bit - 4;
  },
  scale: (stored, block, sub) => {
    const low = byteAt(stored, block + 96 + (sub & 7)) >> (sub < 8 ? 0 : 4);
    const high = byteAt(stored, block + 104 + (sub & 3)) >> (2 * (sub >> 2));
    return readF16(stored, block + 108) * ((low & 15) + 16 * (high & 3) - 32);
  },
};

const q4: KQuant = {
  blockBytes: 144,
  subColumns: 32,
  integerMin: 0,
  integerMax: 15,
  integer: (stored, block, index) => fourBits(stored, block + 16, index),
  scale: (stored, block, sub) => readF16(stored, block) * sixBits(stored, block + 4, sub),
  minimum: (stored, block, sub) => readF16(stored, block + 2) * sixBits(stored, block + 4, sub + 8),
};

const q5: KQuant = {
  ...q4,
  blockBytes: 176,
  integerMax: 31,
  integer: (stored, block, index) => {
    const bit = (byteAt(stored, block + 16 + (index & 31)) >> (index >> 5)) & 1;
    return fourBits(stored, block + 48, index) + 16 * bit;
  },
};

const q6: KQuant = {
  blockBytes: 210,
  subColumns: 16,
  integerMin: -32,
  integerMax: 31,
  integer: (stored, block, index) => {
    const half128 = index >> 7;
    const low = byteAt(stored, block + 64 * half128 + (index & 63)) >> (index & 64 ? 4 : 0);
    return (low & 15) + 16 * twoBits(stored, block + 128, index) - 32;
  },
  scale: (stored, block, sub) =>
    readF16(stored, block + 208) * ((byteAt(stored, block + 192 + sub) << 24) >> 24),
};

export const K_QUANTS: Readonly<Record<KType, KQuant>> = {
  q2_k: q2,
  q3_k: q3,
  q4_k: q4,
  q5_k: q5,
  q6_k: q6,
};

/** Bits of input i: 2 (i / 32 mod 4) and up of byte i mod 32, 32 bytes for each 128 inputs. */
function twoBits(stored: Uint8Array, offset: number, index: number): number {
  const byte = byteAt(stored, offset + 32 * (index >> 7) + (index & 31));
  return (byte >> (2 * ((index >> 5) & 3))) & 3;
}

/** Of each 64 inputs the first 32 are low nibbles, the others high ones. */
function fourBits(stored: Uint8Array, offset: number, index: number): number {
  const byte = byteAt(stored, offset + 32 * (index >> 6) + (index & 31));
  return index & 32 ? byte >> 4 : byte & 15;
}

/**
 * Six bits of q4_k and q5_k: s of sub-blocks 0-7, then their m. Number n of 16, in 12 bytes b:
 *
 *   s 0-3  low 6 bits of b[0-3]      s 4-7  low nibble of b[8-11], top 2 bits of b[0-3] above it
 *   m 0-3  low 6 bits of b[4-7]      m 4-7  high nibble of b[8-11], top 2 bits of b[4-7] above it
 */
function sixBits(stored: Uint8Array, offset: number, number: number): number {
  const isMinimum = number >= 8;
  const own = byteAt(stored, offset + (isMinimum ? 4 : 0) + (number & 3));
  if ((number & 4) === 0) return own & 63;
  const shared = byteAt(stored, offset + 8 + (number & 3));
  return (isMinimum ? shared >> 4 : shared & 15) + 16 * (own >> 6);
}

function byteAt(stored: Uint8Array, offset: number): number {
  return stored[offset] as number;
}
