/**
 * Packs stored rows of one number per input into panels of 32 outputs, zero-padded, and refuses
 * what is not finite. Block types: `blocks/`.
 *
 * `rowBytes` is the distance of two rows at `source`. Returns 0, or 1 where a value is not finite.
 */
import { PANEL } from './gemm';
import { storeTransposed } from './transpose';

/** Panel [K][32] f32. */
export function packF32(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  let isBad = 0;
  let k = 0;
  if (rowCount === PANEL) {
    for (; k + 16 <= columnCount; k += 16) {
      const at = <usize>k;
      isBad |= packSquaresF32(target + (at << 7), source + (at << 2), rowBytes);
    }
  }
  target += <usize>k << 7;
  for (; k < columnCount; k++) {
    let from = source + (<usize>k << 2);
    for (let n = 0; n < PANEL; n++) {
      const bits = n < rowCount ? load<i32>(from) : 0;
      isBad |= i32((bits & 0x7f800000) === 0x7f800000);
      store<i32>(target, bits);
      target += 4;
      from += rowBytes;
    }
  }
  return isBad;
}

/** 16 inputs of 32 rows, in squares of 4 × 4: a line of the cache is read once. */
function packSquaresF32(target: usize, source: usize, rowBytes: usize): i32 {
  const exponent = i32x4.splat(0x7f800000);
  let isBad = i32x4.splat(0);
  for (let n: usize = 0; n < 32; n += 4) {
    const row = source + n * rowBytes;
    for (let k: usize = 0; k < 16; k += 4) {
      const from = row + (k << 2);
      const a = v128.load(from);
      const b = v128.load(from + rowBytes);
      const c = v128.load(from + 2 * rowBytes);
      const d = v128.load(from + 3 * rowBytes);
      isBad = v128.or(isBad, v128.or(hasAll(a, exponent), hasAll(b, exponent)));
      isBad = v128.or(isBad, v128.or(hasAll(c, exponent), hasAll(d, exponent)));
      storeTransposed(target + (k << 7) + (n << 2), 128, a, b, c, d);
    }
  }
  return i32(v128.any_true(isBad));
}

// @ts-ignore: decorator
@inline
function hasAll(words: v128, bits: v128): v128 {
  return i32x4.eq(v128.and(words, bits), bits);
}

/** Panel [K][32] f16. */
export function packF16(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  return packHalf(target, source, rowBytes, rowCount, columnCount, 0x7c00);
}

/** Panel [K][32] bf16. */
export function packBf16(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  return packHalf(target, source, rowBytes, rowCount, columnCount, 0x7f80);
}

function packHalf(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
  exponent: i32,
): i32 {
  let isBad = 0;
  let k = 0;
  if (rowCount === PANEL) {
    for (; k + 8 <= columnCount; k += 8) {
      isBad |= packSquaresHalf(target, source, rowBytes, exponent);
      source += 16;
      target += 512;
    }
  }
  for (; k < columnCount; k++) {
    for (let n = 0; n < PANEL; n++) {
      isBad |= packOne(target, n, source, rowBytes, rowCount, exponent);
    }
    source += 2;
    target += 64;
  }
  return isBad;
}

/**
 * 8 inputs of 32 rows, 8 rows at a time: rows i and i + 4 share words, of even and of odd inputs.
 */
function packSquaresHalf(target: usize, source: usize, rowBytes: usize, exponent: i32): i32 {
  const bits = i16x8.splat(<i16>exponent);
  let isBad = i32x4.splat(0);
  const far = rowBytes << 2;
  for (let n: usize = 0; n < 32; n += 8) {
    const row = source + n * rowBytes;
    for (let i = 0; i < 8; i++) {
      const halves = v128.and(v128.load(row + <usize>i * rowBytes), bits);
      isBad = v128.or(isBad, i16x8.eq(halves, bits));
    }
    const to = target + (n << 1);
    const r1 = row + rowBytes;
    const r2 = r1 + rowBytes;
    const r3 = r2 + rowBytes;
    storeTransposed(to, 128, even(row, far), even(r1, far), even(r2, far), even(r3, far));
    storeTransposed(to + 64, 128, odd(row, far), odd(r1, far), odd(r2, far), odd(r3, far));
  }
  return i32(v128.any_true(isBad));
}

/** Words of inputs 0, 2, 4, 6: the low half from a row, the high half from the one `far` on. */
// @ts-ignore: decorator
@inline
function even(row: usize, far: usize): v128 {
  const low = v128.and(v128.load(row), i32x4.splat(0xffff));
  return v128.or(low, i32x4.shl(v128.load(row + far), 16));
}

/** Words of inputs 1, 3, 5, 7. */
// @ts-ignore: decorator
@inline
function odd(row: usize, far: usize): v128 {
  const high = v128.and(v128.load(row + far), i32x4.splat(0xffff0000));
  return v128.or(i32x4.shr_u(v128.load(row), 16), high);
}

/** Output n of 32 goes to half (n >> 2 & 1) of word n & 3 in its group of 8. */
// @ts-ignore: decorator
@inline
export function packOne(
  target: usize,
  n: i32,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  exponent: i32,
): i32 {
  const bits = n < rowCount ? <i32>load<u16>(source + <usize>n * rowBytes) : 0;
  store<u16>(target + halfOffset(n), bits);
  return i32((bits & exponent) === exponent);
}

/** Byte offset of output n among 32 values of 16 bits. */
// @ts-ignore: decorator
@inline
export function halfOffset(n: i32): usize {
  return <usize>(((n >> 3) << 4) + ((n & 3) << 2) + (((n >> 2) & 1) << 1));
}
