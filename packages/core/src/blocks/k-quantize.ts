/**
 * Quantizes 256 values as one block of a K-quant, for writers of model files.
 *
 * The range of a sub-block alone decides its scale; nothing is searched, so that errors are up to
 * a half step of that range. All arithmetic is in double precision:
 *
 *   with minima   span = max(x, 0) - min(x, 0);  s, m: nearest integers of span / integerMax and
 *                 -min over their largest / 63 (15 for q2_k), halves up; d, dmin: nearest f16
 *   signed        s: nearest integer of extreme / integerMin over the largest such / -128 (-32 for
 *                 q3_k), halves up, so that the extreme value is integerMin steps; d: nearest f16
 *   then          q = nearest integer of (x + dmin m) / (d s), halves up, cut to its range; 0
 *                 where d s is 0
 *
 * ggml's reference searches for scales with smaller errors; what it writes reads the same way.
 */
import { maxOf, minOf } from '../lists.ts';
import { writeF16 } from './block-format.ts';
import { K_COLUMNS, K_QUANTS, type KType } from './k-quants.ts';

/** Writes 256 values as the block at `offset`. */
export function quantizeK(
  type: KType,
  target: Uint8Array,
  offset: number,
  values: Float32Array,
): void {
  const { blockBytes } = K_QUANTS[type];
  const block = target.subarray(offset, offset + blockBytes);
  block.fill(0);
  if (type === 'q3_k' || type === 'q6_k') quantizeSigned(type, block, values);
  else quantizeWithMinima(type, block, values);
}

/** Largest s and m. */
const SUB_MAX = { q2_k: 15, q4_k: 63, q5_k: 63 } as const;
/** The s of the sub-block with the largest extreme. */
const SUB_MIN = { q3_k: -32, q6_k: -128 } as const;

function quantizeWithMinima(
  type: 'q2_k' | 'q4_k' | 'q5_k',
  block: Uint8Array,
  values: Float32Array,
): void {
  const subs = subBlocks(type, values);
  const lows = subs.map((sub) => sub.reduce((least, x) => Math.min(least, x), 0));
  const highs = subs.map((sub) => sub.reduce((most, x) => Math.max(most, x), 0));
  const spans = lows.map((low, i) => ((highs[i] as number) - low) / K_QUANTS[type].integerMax);
  const scale = maxOf(spans) / SUB_MAX[type];
  const minimum = -minOf(lows) / SUB_MAX[type];
  const at = type === 'q2_k' ? 80 : 0;
  writeF16(block, at, scale);
  writeF16(block, at + 2, minimum);
  subs.forEach((_, sub) => {
    const s = nearest((spans[sub] as number) / scale, 0, SUB_MAX[type]);
    const m = nearest(-(lows[sub] as number) / minimum, 0, SUB_MAX[type]);
    if (type === 'q2_k') block[sub] = s | (m << 4);
    else writeSixBits(block, sub, s, m);
  });
  writeIntegers(type, block, values);
}

function quantizeSigned(type: 'q3_k' | 'q6_k', block: Uint8Array, values: Float32Array): void {
  const { integerMin } = K_QUANTS[type];
  const subMin = SUB_MIN[type];
  const steps = subBlocks(type, values).map((sub) => extreme(sub) / integerMin);
  const scale = extreme(steps) / subMin;
  writeF16(block, type === 'q3_k' ? 108 : 208, scale);
  steps.forEach((step, sub) => {
    const s = nearest(step / scale, subMin, -1 - subMin);
    if (type === 'q6_k') block[192 + sub] = s & 255;
    else {
      block[96 + (sub & 7)]! |= ((s + 32) & 15) << (sub < 8 ? 0 : 4);
      block[104 + (sub & 3)]! |= ((s + 32) >> 4) << (2 * (sub >> 2));
    }
  });
  writeIntegers(type, block, values);
}

/** Writes every q, from the scales that the block holds. */
function writeIntegers(type: KType, block: Uint8Array, values: Float32Array): void {
  const { subColumns, integerMin, integerMax, scale, minimum } = K_QUANTS[type];
  for (let index = 0; index < K_COLUMNS; index++) {
    const sub = Math.floor(index / subColumns);
    const shifted = (values[index] as number) + (minimum?.(block, 0, sub) ?? 0);
    const q = nearest(shifted / scale(block, 0, sub), integerMin, integerMax);
    WRITERS[type](block, index, q);
  }
}

/** Adds the bits of a q to a block that has none of them yet. */
const WRITERS: Readonly<Record<KType, (block: Uint8Array, index: number, q: number) => void>> = {
  q2_k: (block, index, q) => addTwoBits(block, 16, index, q),
  q3_k: (block, index, q) => {
    addTwoBits(block, 32, index, (q + 4) & 3);
    block[index & 31]! |= ((q + 4) >> 2) << (index >> 5);
  },
  q4_k: (block, index, q) => addFourBits(block, 16, index, q),
  q5_k: (block, index, q) => {
    addFourBits(block, 48, index, q & 15);
    block[16 + (index & 31)]! |= (q >> 4) << (index >> 5);
  },
  q6_k: (block, index, q) => {
    block[64 * (index >> 7) + (index & 63)]! |= ((q + 32) & 15) << (index & 64 ? 4 : 0);
    addTwoBits(block, 128, index, (q + 32) >> 4);
  },
};

function addTwoBits(block: Uint8Array, offset: number, index: number, bits: number): void {
  block[offset + 32 * (index >> 7) + (index & 31)]! |= bits << (2 * ((index >> 5) & 3));
}

function addFourBits(block: Uint8Array, offset: number, index: number, bits: number): void {
  block[offset + 32 * (index >> 6) + (index & 31)]! |= bits << (index & 32 ? 4 : 0);
}

function writeSixBits(block: Uint8Array, sub: number, s: number, m: number): void {
  const place = sub & 3;
  if (sub < 4) {
    block[4 + place]! |= s;
    block[8 + place]! |= m;
    return;
  }
  block[4 + place]! |= (s >> 4) << 6;
  block[8 + place]! |= (m >> 4) << 6;
  block[12 + place]! |= (s & 15) | ((m & 15) << 4);
}

function subBlocks(type: KType, values: Float32Array): Float32Array[] {
  const { subColumns } = K_QUANTS[type];
  return Array.from({ length: K_COLUMNS / subColumns }, (_, sub) =>
    values.subarray(sub * subColumns, (sub + 1) * subColumns),
  );
}

/** The value of largest magnitude, the first of several. */
function extreme(values: Iterable<number>): number {
  let found = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(found)) found = value;
  return found;
}

/** The nearest integer within bounds, halves up; 0 for what is not finite. */
function nearest(value: number, least: number, most: number): number {
  if (!Number.isFinite(value)) return 0;
  return Math.min(most, Math.max(least, Math.floor(value + 0.5)));
}
