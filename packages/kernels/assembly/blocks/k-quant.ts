/**
 * What the K-quants share: a panel's block of 256 inputs, and the scales of its groups.
 *
 *   signed      d 32 f16 | s bytes | integers                                   q3_k, q6_k
 *   unsigned    integers | s bytes | m bytes (of q2_k: with s) | d, dmin 32 f16 each
 *
 * Bytes of four groups share a word, 32 words side by side: byte i of row j is of group 4 j + i.
 * Loads choose a byte by the address, so that it comes to the lowest place, or, of signed ones, to
 * the highest; up to three bytes before or after the row are read and masked, all of the block.
 * Integers lie as `scripts/k-blocks.ts` says; theirs is what `integersAt` gives.
 */
import { widenF16 } from '../decode';
import { PANEL } from '../gemm';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';

/** Inputs per block. */
export const K_BLOCK: i32 = 256;
/** Bytes of a row of 32 words. */
export const WORDS: usize = 128;

/** 2^112: f16 bits under an f32 exponent to their value. */
export const TWO_112: f32 = reinterpret<f32>(0x77800000);

/** A K-quant: one token comes as `spreadInputs` makes it; d and dmin are read once per block. */
export interface KKernel extends BlockKernel {
  /** d / unit (of signed s: / 2^24 too), then -dmin of types with minima. target: [2][32] f32. */
  factors(target: usize, w: usize, hidden: i32): void;
  /** One token: y += 256 inputs as `spreadInputs` makes them; y: [32] f32. */
  vectorBlock(y: usize, w: usize, x: usize, sums: usize, factors: usize, hidden: i32): void;
  /** x · unit / 2^place of every input; false where that could leave the range of f32. */
  spreadInputs(target: usize, x: usize, columnCount: i32): bool;
  /** q, d · s and -dmin · m of output `lane`. */
  integer(w: usize, group: i32, input: i32, lane: usize): i32;
  scale(w: usize, group: i32, lane: usize): f32;
  minimum(w: usize, group: i32, lane: usize): f32;
}

// ---- scales of 32 outputs

/** The byte of group `group` in rows of words. */
// @ts-ignore: decorator
@inline
export function byteOf(rows: usize, group: i32): usize {
  return rows + <usize>(group >> 2) * WORDS + <usize>(group & 3);
}

/** target = factors · masked words, as signed integers. target, factors: [32] f32. */
// @ts-ignore: decorator
@inline
export function multiply(target: usize, factors: usize, words: usize, mask: v128): void {
  const a0 = product(factors, words, 0, mask);
  const a1 = product(factors, words, 16, mask);
  const a2 = product(factors, words, 32, mask);
  const a3 = product(factors, words, 48, mask);
  const a4 = product(factors, words, 64, mask);
  const a5 = product(factors, words, 80, mask);
  const a6 = product(factors, words, 96, mask);
  const a7 = product(factors, words, 112, mask);
  v128.store(target, a0);
  v128.store(target, a1, 16);
  v128.store(target, a2, 32);
  v128.store(target, a3, 48);
  v128.store(target, a4, 64);
  v128.store(target, a5, 80);
  v128.store(target, a6, 96);
  v128.store(target, a7, 112);
}

// @ts-ignore: decorator
@inline
function product(factors: usize, words: usize, offset: usize, mask: v128): v128 {
  const bytes = f32x4.convert_i32x4_s(v128.and(v128.load(words + offset), mask));
  return f32x4.mul(v128.load(factors + offset), bytes);
}

/** The same of signed s at the tops of words: factors are divided by 2^24. */
// @ts-ignore: decorator
@inline
export function multiplySigned(target: usize, factors: usize, s: usize, hidden: i32): void {
  multiply(target, factors, s - 3, i32x4.splat(0xff000000 | hidden));
}

// ---- one token

/**
 * Writes x · unit / 2^place. The first `regular` inputs of a group of `size` fill bodies of
 * `fields` inputs, at places 0, `bits`, 2 · `bits` …; the others are at the last of these places,
 * the unit's. False if some |x| is 2^100 or more, or not a number.
 */
export function spreadFields(
  target: usize,
  x: usize,
  columnCount: i32,
  size: i32,
  regular: i32,
  fields: i32,
  bits: i32,
): bool {
  let largest = 0;
  for (; columnCount > 0; columnCount -= size) {
    for (let i = 0; i < size; i++) {
      const value = load<f32>(x);
      largest = max(largest, reinterpret<i32>(value) & 0x7fffffff);
      const places = i < regular ? fields - 1 - (i % fields) : 0;
      store<f32>(target, value * reinterpret<f32>((127 + places * bits) << 23));
      x += 4;
      target += 4;
    }
  }
  return largest < 0x71800000; // 2^100
}

/** Signed integers move to their place: x itself. */
export function copyInputs(target: usize, x: usize, columnCount: i32): bool {
  memory.copy(target, x, <usize>columnCount << 2);
  return true;
}

// ---- one output

/** The f16 of output `lane` of 32. */
// @ts-ignore: decorator
@inline
export function halfOf(halves: usize, lane: usize): f32 {
  return widenF16(load<u16>(halves + halfOffset(<i32>lane)));
}

/** The values of output `lane` of a block. y: [256] f32. */
export function embedBlock<T extends KKernel>(y: usize, w: usize, lane: i32): void {
  const type = changetype<T>(0);
  for (let group = 0; group < K_BLOCK / type.group(); group++) {
    const scale = type.scale(w, group, lane);
    for (let i = 0; i < type.group(); i++) {
      const value = <f32>type.integer(w, group, i, lane as usize) * scale;
      store<f32>(y, type.hasMinima() ? value + type.minimum(w, group, lane) : value);
      y += 4;
    }
  }
}

/** Zeroes a panel's block that not all outputs will fill. */
// @ts-ignore: decorator
@inline
export function clearRest(target: usize, panelBytes: usize, rowCount: i32): void {
  if (rowCount < PANEL) memory.fill(target, 0, panelBytes);
}

/** 16 bytes of an output's groups, as they are stored. */
export function packBytes(target: usize, source: usize): void {
  store<u32>(target, load<u32>(source));
  store<u32>(target + WORDS, load<u32>(source, 4));
  store<u32>(target + 2 * WORDS, load<u32>(source, 8));
  store<u32>(target + 3 * WORDS, load<u32>(source, 12));
}

/** 8 s and 8 m of 6 bits, in 12 bytes, as bytes: two rows of s, two of m. */
export function packSixBits(target: usize, source: usize): void {
  const a = load<u32>(source);
  const b = load<u32>(source, 4);
  const c = load<u32>(source, 8);
  store<u32>(target, a & 0x3f3f3f3f);
  store<u32>(target + WORDS, (c & 0x0f0f0f0f) | ((a >> 2) & 0x30303030));
  store<u32>(target + 2 * WORDS, b & 0x3f3f3f3f);
  store<u32>(target + 3 * WORDS, ((c >> 4) & 0x0f0f0f0f) | ((b >> 2) & 0x30303030));
}
