/**
 * Packs stored rows into panels of 32 outputs, zero-padded, and refuses what is not finite.
 *
 * `rowBytes` is the distance of two rows at `source`. Returns 0, or 1 where a value is not finite.
 */
import { PANEL } from './gemm';

const BLOCK: i32 = 32;

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

/** Writes the columns of four rows of words, `stride` bytes apart. */
function storeTransposed(
  target: usize,
  stride: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(target + stride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(target + 2 * stride, v128.shuffle<i64>(ab2, cd2, 0, 2));
  v128.store(target + 3 * stride, v128.shuffle<i64>(ab2, cd2, 1, 3));
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

/** Panel [K/32] of 32 scales, then [32 k][32] i8. */
export function packQ8(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  let isBad = 0;
  for (let k = 0; k < columnCount; k += BLOCK) {
    isBad |= packScales(target, source, rowBytes, rowCount);
    target += 64;
    if (rowCount === PANEL) packBlockQ8(target, source + 2, rowBytes);
    else packPartQ8(target, source + 2, rowBytes, rowCount);
    target += 1024;
    source += 34;
  }
  return isBad;
}

/** 32 inputs of less than 32 rows. */
function packPartQ8(target: usize, source: usize, rowBytes: usize, rowCount: i32): void {
  for (let i = 0; i < BLOCK; i++) {
    let from = source + i;
    for (let n = 0; n < PANEL; n++) {
      store<u8>(target, n < rowCount ? load<u8>(from) : 0);
      target++;
      from += rowBytes;
    }
  }
}

/** 32 inputs of 32 rows, in pieces of 16 rows × 8 inputs. */
function packBlockQ8(target: usize, source: usize, rowBytes: usize): void {
  const r1 = rowBytes;
  const r2 = 2 * rowBytes;
  const r3 = 3 * rowBytes;
  for (let n: usize = 0; n < 32; n += 16) {
    for (let k: usize = 0; k < 32; k += 8) {
      const a = source + n * rowBytes + k;
      const b = a + 4 * rowBytes;
      const c = b + 4 * rowBytes;
      const d = c + 4 * rowBytes;
      storeWords(
        target + (k << 5) + n,
        32,
        pairs(a, a + r1),
        pairs(a + r2, a + r3),
        pairs(b, b + r1),
        pairs(b + r2, b + r3),
        pairs(c, c + r1),
        pairs(c + r2, c + r3),
        pairs(d, d + r1),
        pairs(d + r2, d + r3),
      );
    }
  }
}

/** 8 bytes of two rows in turns. */
// @ts-ignore: decorator
@inline
function pairs(row: usize, next: usize): v128 {
  const a = v128.load64_zero(row);
  const b = v128.load64_zero(next);
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Writes the 8 columns of 16 rows of bytes that come as pairs of rows. */
// @ts-ignore: decorator
@inline
function storeWords(
  target: usize,
  stride: usize,
  a: v128,
  a2: v128,
  b: v128,
  b2: v128,
  c: v128,
  c2: v128,
  d: v128,
  d2: v128,
): void {
  storeTransposed(target, stride, low(a, a2), low(b, b2), low(c, c2), low(d, d2));
  target += stride << 2;
  storeTransposed(target, stride, high(a, a2), high(b, b2), high(c, c2), high(d, d2));
}

/** The first four pairs of two in turns: words of four rows. */
// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The last four pairs of two in turns. */
// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/**
 * Panel [K/32] of 32 scales, then [32 k][4 words]; nibbles turn from q to q - 8 (a sign bit
 * flips).
 */
export function packQ4(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  let isBad = 0;
  for (let k = 0; k < columnCount; k += BLOCK) {
    isBad |= packScales(target, source, rowBytes, rowCount);
    target += 64;
    if (rowCount === PANEL) packBlockQ4(target, source + 2, rowBytes);
    else packPartQ4(target, source + 2, rowBytes, rowCount);
    target += 512;
    source += 18;
  }
  return isBad;
}

/** 32 inputs of less than 32 rows. */
function packPartQ4(target: usize, source: usize, rowBytes: usize, rowCount: i32): void {
  for (let i: usize = 0; i < 16; i++) {
    packNibbles(target + (i << 4), source + i, rowBytes, rowCount, 0);
    packNibbles(target + ((i + 16) << 4), source + i, rowBytes, rowCount, 4);
  }
}

/**
 * 32 inputs of 32 rows, 8 and 8 at a time: byte b of word i is of rows 8b + i and 8b + i + 4.
 */
function packBlockQ4(target: usize, source: usize, rowBytes: usize): void {
  for (let k: usize = 0; k < 16; k += 8) {
    const from = source + k;
    storeWords(
      target + (k << 4),
      16,
      nibblePairs(from, rowBytes, false),
      nibblePairs(from + 16 * rowBytes, rowBytes, false),
      nibblePairs(from + rowBytes, rowBytes, false),
      nibblePairs(from + 17 * rowBytes, rowBytes, false),
      nibblePairs(from + 2 * rowBytes, rowBytes, false),
      nibblePairs(from + 18 * rowBytes, rowBytes, false),
      nibblePairs(from + 3 * rowBytes, rowBytes, false),
      nibblePairs(from + 19 * rowBytes, rowBytes, false),
    );
    storeWords(
      target + ((k + 16) << 4),
      16,
      nibblePairs(from, rowBytes, true),
      nibblePairs(from + 16 * rowBytes, rowBytes, true),
      nibblePairs(from + rowBytes, rowBytes, true),
      nibblePairs(from + 17 * rowBytes, rowBytes, true),
      nibblePairs(from + 2 * rowBytes, rowBytes, true),
      nibblePairs(from + 18 * rowBytes, rowBytes, true),
      nibblePairs(from + 3 * rowBytes, rowBytes, true),
      nibblePairs(from + 19 * rowBytes, rowBytes, true),
    );
  }
}

/** Nibbles of a row and the fourth after it in a byte, in turns with those 8 rows on. */
// @ts-ignore: decorator
@inline
function nibblePairs(row: usize, rowBytes: usize, isHigh: bool): v128 {
  const mask = i8x16.splat(<i8>(isHigh ? 0xf0 : 0x0f));
  const near = v128.and(pairs(row, row + 8 * rowBytes), mask);
  const far = v128.and(pairs(row + 4 * rowBytes, row + 12 * rowBytes), mask);
  const nibbles = isHigh
    ? v128.or(i16x8.shr_u(near, 4), far)
    : v128.or(near, i16x8.shl(far, 4));
  return v128.xor(nibbles, i8x16.splat(<i8>0x88));
}

/** The same nibble of 32 rows: output 4j + i to nibble j of word i. */
function packNibbles(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  shift: i32,
): void {
  for (let i = 0; i < 4; i++) {
    let word = 0;
    for (let n = i; n < rowCount; n += 4) {
      const nibble = ((<i32>load<u8>(source + <usize>n * rowBytes) >> shift) & 15) ^ 8;
      word |= nibble << (n & ~3);
    }
    store<i32>(target, word);
    target += 4;
  }
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

function packScales(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
  let isBad = 0;
  for (let n = 0; n < PANEL; n++) {
    isBad |= packOne(target, n, source, rowBytes, rowCount, 0x7c00);
  }
  return isBad;
}

/** Output n of 32 goes to half (n >> 2 & 1) of word n & 3 in its group of 8. */
// @ts-ignore: decorator
@inline
function packOne(
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
