/**
 * Rows of nibbles in the order of byte rows: two inputs share a row of 32 bytes.
 *
 *   row of inputs k, k + 1   8 words; byte j of word i is output 8j + i: low nibble k, high k + 1
 *
 * Stored, byte b of a row's 16 holds input b in its low half and b + 16 in its high one. A fifth
 * bit lies in planes of 8 inputs, [4][8 words]: bit r of a byte is that of input r of the plane.
 */
import { madd } from '../fma';
import { PANEL_ROW } from '../gemm';
import { joinBoth, joinByteRows, BYTE_ROW, byteRowOffset, packByteRows } from './byte-rows';

/** Bytes of the nibbles of 32 inputs, and of their planes. */
export const NIBBLES: usize = 512;
export const PLANES: usize = 128;

/** Packs 32 inputs of up to 32 rows; `flip` (bits of a byte) is applied to pairs of nibbles. */
export function packNibbles(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  flip: i32,
): void {
  packByteRows(target, source, rowBytes, rowCount, 16);
  const flips = i8x16.splat(<i8>flip);
  pairInputs(target, flips);
  pairInputs(target + 16, flips);
}

/** From rows of inputs (b, b + 16) to rows of (k, k + 1), of half of the outputs, in place. */
function pairInputs(target: usize, flips: v128): void {
  const t0 = v128.load(target);
  const t1 = v128.load(target, 32);
  const t2 = v128.load(target, 64);
  const t3 = v128.load(target, 96);
  const t4 = v128.load(target, 128);
  const t5 = v128.load(target, 160);
  const t6 = v128.load(target, 192);
  const t7 = v128.load(target, 224);
  const t8 = v128.load(target, 256);
  const t9 = v128.load(target, 288);
  const ta = v128.load(target, 320);
  const tb = v128.load(target, 352);
  const tc = v128.load(target, 384);
  const td = v128.load(target, 416);
  const te = v128.load(target, 448);
  const tf = v128.load(target, 480);
  storePair(target, t0, t1, flips);
  storePair(target + 32, t2, t3, flips);
  storePair(target + 64, t4, t5, flips);
  storePair(target + 96, t6, t7, flips);
  storePair(target + 128, t8, t9, flips);
  storePair(target + 160, ta, tb, flips);
  storePair(target + 192, tc, td, flips);
  storePair(target + 224, te, tf, flips);
}

// @ts-ignore: decorator
@inline
function storePair(target: usize, even: v128, odd: v128, flips: v128): void {
  const low = i8x16.splat(0x0f);
  const near = v128.or(v128.and(even, low), i16x8.shl(v128.and(odd, low), 4));
  const far = v128.or(v128.and(i16x8.shr_u(even, 4), low), v128.andnot(odd, low));
  v128.store(target, v128.xor(near, flips));
  v128.store(target, v128.xor(far, flips), 256);
}

/** The nibble of output `lane` of input i. */
// @ts-ignore: decorator
@inline
export function nibbleOf(nibbles: usize, lane: i32, i: i32): i32 {
  const byte = <i32>load<u8>(nibbles + (<usize>(i >> 1) << 5) + byteRowOffset(lane));
  return (byte >> ((i & 1) << 2)) & 15;
}

/** The fifth bit of output `lane` of input i, as 0 or 16. */
// @ts-ignore: decorator
@inline
export function fifthOf(planes: usize, lane: i32, i: i32): i32 {
  const byte = <i32>load<u8>(planes + (<usize>(i >> 3) << 5) + byteRowOffset(lane));
  return ((byte >> (i & 7)) & 1) << 4;
}

/** An entry of a table of 16 signed bytes. */
export function entryOf(table: v128, index: i32): i32 {
  return i8x16.extract_lane_s(i8x16.swizzle(table, i8x16.splat(<i8>index)), 0);
}

/** Nibble `shift` / 4 of each word as f32: signed at the top of the word, or unsigned as it is. */
// @ts-ignore: decorator
@inline
function nibbleValue(isSigned: bool, words: v128, shift: i32, mask: v128): v128 {
  if (isSigned) {
    if (shift === 0) return f32x4.convert_i32x4_s(i32x4.shl(words, 28));
    if (shift === 28) return f32x4.convert_i32x4_s(v128.and(words, mask));
    return f32x4.convert_i32x4_s(v128.and(i32x4.shl(words, 28 - shift), mask));
  }
  if (shift === 0) return f32x4.convert_i32x4_s(v128.and(words, mask));
  if (shift === 28) return f32x4.convert_i32x4_s(i32x4.shr_u(words, 28));
  return f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(words, shift), mask));
}

// @ts-ignore: decorator
@inline
function nibbleMask(isSigned: bool, hidden: i32): v128 {
  return i32x4.splat((isSigned ? 0xf0000000 : 15) | hidden);
}

/** 32 inputs as f32: signed ones · 2^28, unsigned ones as they are. */
// @ts-ignore: decorator
@inline
export function decodeNibbles(isSigned: bool, target: usize, source: usize, hidden: i32): void {
  const mask = nibbleMask(isSigned, hidden);
  for (let i = 16; i > 0; i--) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    v128.store(target, nibbleValue(isSigned, a, 0, mask));
    v128.store(target, nibbleValue(isSigned, b, 0, mask), 16);
    v128.store(target, nibbleValue(isSigned, a, 8, mask), 32);
    v128.store(target, nibbleValue(isSigned, b, 8, mask), 48);
    v128.store(target, nibbleValue(isSigned, a, 16, mask), 64);
    v128.store(target, nibbleValue(isSigned, b, 16, mask), 80);
    v128.store(target, nibbleValue(isSigned, a, 24, mask), 96);
    v128.store(target, nibbleValue(isSigned, b, 24, mask), 112);
    v128.store(target, nibbleValue(isSigned, a, 4, mask), 128);
    v128.store(target, nibbleValue(isSigned, b, 4, mask), 144);
    v128.store(target, nibbleValue(isSigned, a, 12, mask), 160);
    v128.store(target, nibbleValue(isSigned, b, 12, mask), 176);
    v128.store(target, nibbleValue(isSigned, a, 20, mask), 192);
    v128.store(target, nibbleValue(isSigned, b, 20, mask), 208);
    v128.store(target, nibbleValue(isSigned, a, 28, mask), 224);
    v128.store(target, nibbleValue(isSigned, b, 28, mask), 240);
    source += BYTE_ROW;
    target += 2 * PANEL_ROW;
  }
}

/** One token × 32 inputs; y = sum · scale + y, of signed nibbles. */
export function vectorSigned(
  y: usize,
  w: usize,
  x: usize,
  scales: usize,
  hidden: i32,
): void {
  vectorNibbles(true, y, w, x, scales, 0, 0, hidden);
}

/** The same of unsigned ones; then y = xSum · minimum + y. */
export function vectorUnsigned(
  y: usize,
  w: usize,
  x: usize,
  scales: usize,
  minima: usize,
  xSum: usize,
  hidden: i32,
): void {
  vectorNibbles(false, y, w, x, scales, minima, xSum, hidden);
}

// @ts-ignore: decorator
@inline
function vectorNibbles(
  isSigned: bool,
  y: usize,
  w: usize,
  x: usize,
  scales: usize,
  minima: usize,
  xSum: usize,
  hidden: i32,
): void {
  const mask = nibbleMask(isSigned, hidden);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (let i = 16; i > 0; i--) {
    const a = v128.load(w);
    const b = v128.load(w, 16);
    let s = v128.load32_splat(x);
    a0 = madd(nibbleValue(isSigned, a, 0, mask), s, a0);
    b0 = madd(nibbleValue(isSigned, b, 0, mask), s, b0);
    a1 = madd(nibbleValue(isSigned, a, 8, mask), s, a1);
    b1 = madd(nibbleValue(isSigned, b, 8, mask), s, b1);
    a2 = madd(nibbleValue(isSigned, a, 16, mask), s, a2);
    b2 = madd(nibbleValue(isSigned, b, 16, mask), s, b2);
    a3 = madd(nibbleValue(isSigned, a, 24, mask), s, a3);
    b3 = madd(nibbleValue(isSigned, b, 24, mask), s, b3);
    s = v128.load32_splat(x, 4);
    a0 = madd(nibbleValue(isSigned, a, 4, mask), s, a0);
    b0 = madd(nibbleValue(isSigned, b, 4, mask), s, b0);
    a1 = madd(nibbleValue(isSigned, a, 12, mask), s, a1);
    b1 = madd(nibbleValue(isSigned, b, 12, mask), s, b1);
    a2 = madd(nibbleValue(isSigned, a, 20, mask), s, a2);
    b2 = madd(nibbleValue(isSigned, b, 20, mask), s, b2);
    a3 = madd(nibbleValue(isSigned, a, 28, mask), s, a3);
    b3 = madd(nibbleValue(isSigned, b, 28, mask), s, b3);
    x += 8;
    w += BYTE_ROW;
  }
  if (isSigned) joinByteRows(y, scales, a0, b0, a1, b1, a2, b2, a3, b3);
  else joinBoth(y, scales, minima, xSum, a0, b0, a1, b1, a2, b2, a3, b3);
}

/** 32 inputs through a table of 16 bytes, to rows of byte rows. */
export function lookUpNibbles(target: usize, source: usize, table: v128, hidden: i32): void {
  const low = i32x4.splat(0x0f0f0f0f | hidden);
  for (let i = 16; i > 0; i--) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    // Indices below 16 give the same on all machines.
    v128.store(target, i8x16.relaxed_swizzle(table, v128.and(a, low)));
    v128.store(target, i8x16.relaxed_swizzle(table, v128.and(b, low)), 16);
    v128.store(target, i8x16.relaxed_swizzle(table, v128.and(i32x4.shr_u(a, 4), low)), 32);
    v128.store(target, i8x16.relaxed_swizzle(table, v128.and(i32x4.shr_u(b, 4), low)), 48);
    source += BYTE_ROW;
    target += 2 * BYTE_ROW;
  }
}

/** 32 inputs of nibbles and planes less `offset`, to rows of byte rows. */
// @ts-ignore: decorator
@inline
export function joinPlanes(
  target: usize,
  nibbles: usize,
  planes: usize,
  offset: i32,
  hidden: i32,
): void {
  const low = i32x4.splat(0x0f0f0f0f | hidden);
  const high = i32x4.splat(0x10101010 | hidden);
  const less = i8x16.splat(<i8>(offset | hidden));
  for (let plane = 4; plane > 0; plane--) {
    const p = v128.load(planes);
    const q = v128.load(planes, 16);
    storeFive(target, nibbles, 0, offset, i32x4.shl(p, 4), i32x4.shl(q, 4), low, high, less);
    storeFive(target, nibbles, 1, offset, i32x4.shl(p, 3), i32x4.shl(q, 3), low, high, less);
    storeFive(target, nibbles, 2, offset, i32x4.shl(p, 2), i32x4.shl(q, 2), low, high, less);
    storeFive(target, nibbles, 3, offset, i32x4.shl(p, 1), i32x4.shl(q, 1), low, high, less);
    storeFive(target, nibbles, 4, offset, p, q, low, high, less);
    storeFive(target, nibbles, 5, offset, i32x4.shr_u(p, 1), i32x4.shr_u(q, 1), low, high, less);
    storeFive(target, nibbles, 6, offset, i32x4.shr_u(p, 2), i32x4.shr_u(q, 2), low, high, less);
    storeFive(target, nibbles, 7, offset, i32x4.shr_u(p, 3), i32x4.shr_u(q, 3), low, high, less);
    nibbles += 4 * BYTE_ROW;
    planes += BYTE_ROW;
    target += 8 * BYTE_ROW;
  }
}

/** Row r of a plane: its fifth bits have moved to the fifth bits of bytes. */
// @ts-ignore: decorator
@inline
function storeFive(
  target: usize,
  nibbles: usize,
  r: i32,
  offset: i32,
  p: v128,
  q: v128,
  low: v128,
  high: v128,
  less: v128,
): void {
  const at = <usize>(r >> 1) << 5;
  let a = v128.load(nibbles + at);
  let b = v128.load(nibbles + at, 16);
  if (r & 1) {
    a = i32x4.shr_u(a, 4);
    b = i32x4.shr_u(b, 4);
  }
  a = v128.or(v128.and(a, low), v128.and(p, high));
  b = v128.or(v128.and(b, low), v128.and(q, high));
  if (offset) {
    a = i8x16.sub(a, less);
    b = i8x16.sub(b, less);
  }
  v128.store(target + (<usize>r << 5), a);
  v128.store(target + (<usize>r << 5), b, 16);
}
