/**
 * What E4M3 and E5M2 have in common: rows of byte rows whose bytes are numbers.
 *
 * A byte at the top of a word, shifted under the exponent of an f32, reads as value · 2^-120 (E4M3)
 * or · 2^-112 (E5M2): exact, subnormal or not.
 */
import { madd } from '../fma';
import { PANEL, PANEL_ROW } from '../gemm';
import { joinByteRows, BYTE_ROW, byteRowOffset, packByteRows } from './byte-rows';

const BLOCK: i32 = 128;
/** The bits of 2^120 and 2^112. */
const E4M3_BITS: i32 = 0x7b800000;
const F16_BITS: i32 = 0x77800000;

// @ts-ignore: decorator
@inline
function unitOf(isE4m3: bool, hidden: i32): v128 {
  return i32x4.splat((isE4m3 ? E4M3_BITS : F16_BITS) | hidden);
}

// @ts-ignore: decorator
@inline
function maskOf(isE4m3: bool, hidden: i32): v128 {
  return i32x4.splat((isE4m3 ? 0x87f00000 : 0x8fe00000) | hidden);
}

/** Byte j of each word as its number. */
// @ts-ignore: decorator
@inline
function eightValue(isE4m3: bool, words: v128, j: i32, mask: v128, unit: v128): v128 {
  if (j < 3) words = i32x4.shl(words, 24 - 8 * j);
  return f32x4.mul(v128.and(i32x4.shr_s(words, isE4m3 ? 4 : 3), mask), unit);
}

/** `count` rows as f32. */
// @ts-ignore: decorator
@inline
export function decodeEights(
  isE4m3: bool,
  target: usize,
  source: usize,
  count: i32,
  hidden: i32,
): void {
  const mask = maskOf(isE4m3, hidden);
  const unit = unitOf(isE4m3, hidden);
  for (; count > 0; count--) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    v128.store(target, eightValue(isE4m3, a, 0, mask, unit));
    v128.store(target, eightValue(isE4m3, b, 0, mask, unit), 16);
    v128.store(target, eightValue(isE4m3, a, 1, mask, unit), 32);
    v128.store(target, eightValue(isE4m3, b, 1, mask, unit), 48);
    v128.store(target, eightValue(isE4m3, a, 2, mask, unit), 64);
    v128.store(target, eightValue(isE4m3, b, 2, mask, unit), 80);
    v128.store(target, eightValue(isE4m3, a, 3, mask, unit), 96);
    v128.store(target, eightValue(isE4m3, b, 3, mask, unit), 112);
    source += BYTE_ROW;
    target += PANEL_ROW;
  }
}

/** One token × `count` rows; y = sum · scale + y. */
// @ts-ignore: decorator
@inline
export function vectorEights(
  isE4m3: bool,
  y: usize,
  w: usize,
  x: usize,
  count: i32,
  scales: usize,
  hidden: i32,
): void {
  const mask = maskOf(isE4m3, hidden);
  const unit = unitOf(isE4m3, hidden);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (; count > 0; count--) {
    const s = v128.load32_splat(x);
    const a = v128.load(w);
    const b = v128.load(w, 16);
    a0 = madd(eightValue(isE4m3, a, 0, mask, unit), s, a0);
    b0 = madd(eightValue(isE4m3, b, 0, mask, unit), s, b0);
    a1 = madd(eightValue(isE4m3, a, 1, mask, unit), s, a1);
    b1 = madd(eightValue(isE4m3, b, 1, mask, unit), s, b1);
    a2 = madd(eightValue(isE4m3, a, 2, mask, unit), s, a2);
    b2 = madd(eightValue(isE4m3, b, 2, mask, unit), s, b2);
    a3 = madd(eightValue(isE4m3, a, 3, mask, unit), s, a3);
    b3 = madd(eightValue(isE4m3, b, 3, mask, unit), s, b3);
    x += 4;
    w += BYTE_ROW;
  }
  joinByteRows(y, scales, a0, b0, a1, b1, a2, b2, a3, b3);
}

/** Packs one block of up to 32 rows; 1 where a scale or a number is not finite. */
// @ts-ignore: decorator
@inline
export function packEights(
  isE4m3: bool,
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
): i32 {
  let isBad = 0;
  for (let n = 0; n < PANEL; n++) {
    const bits = n < rowCount ? load<i32>(source + <usize>n * rowBytes) : 0;
    isBad |= i32((bits & 0x7f800000) === 0x7f800000);
    store<i32>(target + (<usize>n << 2), bits);
  }
  target += PANEL_ROW;
  packByteRows(target, source + 4, rowBytes, rowCount, BLOCK);
  const worst = i8x16.splat(isE4m3 ? 0x7f : 0x7c);
  let bad = i8x16.splat(0);
  for (let at: usize = 0; at < <usize>BLOCK * BYTE_ROW; at += 16) {
    const bytes = v128.load(target + at);
    bad = v128.or(bad, i8x16.eq(v128.and(bytes, worst), worst));
  }
  return isBad | i32(v128.any_true(bad));
}

/** The values of output `lane` of a block. */
// @ts-ignore: decorator
@inline
export function embedEights(isE4m3: bool, y: usize, w: usize, lane: i32): void {
  const scale = load<f32>(w + (<usize>lane << 2));
  w += PANEL_ROW + byteRowOffset(lane);
  for (let i = 0; i < BLOCK; i++) {
    const top = <i32>load<u8>(w) << 24;
    const bits = (top >> (isE4m3 ? 4 : 3)) & (isE4m3 ? 0x87f00000 : 0x8fe00000);
    store<f32>(y, reinterpret<f32>(bits) * reinterpret<f32>(isE4m3 ? E4M3_BITS : F16_BITS) * scale);
    y += 4;
    w += BYTE_ROW;
  }
}
