/**
 * Weights of block types in double precision, one by one: written from the formats, apart from the
 * code that it checks.
 *
 * `start` is a row's first byte, `column` the input.
 */
import type { BlockType } from '@wafer/core';
import { expandQ2K, expandQ3K, expandQ4K, expandQ5K, expandQ6K } from './double-k-quants.ts';

export type Expand = (view: DataView, start: number, column: number) => number;

const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

export const EXPAND_BLOCKS: Readonly<Record<BlockType, Expand>> = {
  q8_0: (view, start, column) => {
    const block = start + 34 * Math.floor(column / 32);
    return view.getFloat16(block, true) * view.getInt8(block + 2 + (column % 32));
  },
  q4_0: (view, start, column) => {
    const block = start + 18 * Math.floor(column / 32);
    return view.getFloat16(block, true) * (nibble(view, block + 2, column) - 8);
  },
  q4_1: (view, start, column) => {
    const block = start + 20 * Math.floor(column / 32);
    return withMinimum(view, block, nibble(view, block + 4, column));
  },
  q5_0: (view, start, column) => {
    const block = start + 22 * Math.floor(column / 32);
    const low = nibble(view, block + 6, column);
    return view.getFloat16(block, true) * (low + fifth(view, block + 2, column) - 16);
  },
  q5_1: (view, start, column) => {
    const block = start + 24 * Math.floor(column / 32);
    const low = nibble(view, block + 8, column);
    return withMinimum(view, block, low + fifth(view, block + 4, column));
  },
  iq4_nl: (view, start, column) => {
    const block = start + 18 * Math.floor(column / 32);
    return view.getFloat16(block, true) * IQ4[nibble(view, block + 2, column)]!;
  },
  iq4_xs: (view, start, column) => {
    const block = start + 136 * Math.floor(column / 256);
    const group = Math.floor((column % 256) / 32);
    const low = (view.getUint8(block + 4 + Math.floor(group / 2)) >> (4 * (group % 2))) & 15;
    const high = (view.getUint16(block + 2, true) >> (2 * group)) & 3;
    const scale = view.getFloat16(block, true) * (low + 16 * high - 32);
    return scale * IQ4[nibble(view, block + 8 + 16 * group, column)]!;
  },
  mxfp4: (view, start, column) => {
    const block = start + 17 * Math.floor(column / 32);
    const bits = nibble(view, block + 1, column);
    const magnitude = E2M1[bits % 8]! * 2 ** (view.getUint8(block) - 127);
    return bits < 8 ? magnitude : -magnitude;
  },
  f8_e4m3: (view, start, column) => eight(view, start, column, { mantissaBits: 3, bias: 7 }),
  f8_e5m2: (view, start, column) => eight(view, start, column, { mantissaBits: 2, bias: 15 }),
  q2_k: expandQ2K,
  q3_k: expandQ3K,
  q4_k: expandQ4K,
  q5_k: expandQ5K,
  q6_k: expandQ6K,
};

/** Nibble of 32: the first 16 are the low halves. */
function nibble(view: DataView, at: number, column: number): number {
  const byte = view.getUint8(at + (column % 16));
  return column % 32 < 16 ? byte % 16 : byte >>> 4;
}

/** The fifth bit as 0 or 16. */
function fifth(view: DataView, at: number, column: number): number {
  return 16 * ((view.getUint32(at, true) >>> (column % 32)) & 1);
}

function withMinimum(view: DataView, block: number, integer: number): number {
  return view.getFloat16(block, true) * integer + view.getFloat16(block + 2, true);
}

/** Blocks of an f32 scale and 128 numbers of 8 bits. */
function eight(
  view: DataView,
  start: number,
  column: number,
  { mantissaBits, bias }: { mantissaBits: number; bias: number },
): number {
  const block = start + 132 * Math.floor(column / 128);
  const byte = view.getUint8(block + 4 + (column % 128));
  const mantissa = (byte % 2 ** mantissaBits) / 2 ** mantissaBits;
  const exponent = (byte & 127) >> mantissaBits;
  const magnitude =
    exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias);
  return view.getFloat32(block, true) * (byte < 128 ? magnitude : -magnitude);
}
