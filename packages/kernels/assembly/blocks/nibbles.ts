/**
 * Panels of nibbles: [32 k][4 words of 32 bits], nibble j of word i is output 4j + i.
 *
 * Stored, byte i of a row's 16 holds input i in its low half and i + 16 in its high one.
 */
import { PANEL, PANEL_ROW } from '../gemm';
import { pairs, storeWords } from '../transpose';

/** Packs 32 inputs of up to 32 rows; `flip` (bits of a byte) is applied to pairs of nibbles. */
export function packNibbles(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  flip: i32,
): void {
  if (rowCount === PANEL) packBlock(target, source, rowBytes, flip);
  else packPart(target, source, rowBytes, rowCount, flip);
}

/** 32 inputs of less than 32 rows. */
function packPart(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  flip: i32,
): void {
  for (let i: usize = 0; i < 16; i++) {
    packRow(target + (i << 4), source + i, rowBytes, rowCount, 0, flip);
    packRow(target + ((i + 16) << 4), source + i, rowBytes, rowCount, 4, flip);
  }
}

/**
 * 32 inputs of 32 rows, 8 and 8 at a time: byte b of word i is of rows 8b + i and 8b + i + 4.
 */
function packBlock(target: usize, source: usize, rowBytes: usize, flip: i32): void {
  for (let k: usize = 0; k < 16; k += 8) {
    const from = source + k;
    storeWords(
      target + (k << 4),
      16,
      nibblePairs(from, rowBytes, false, flip),
      nibblePairs(from + 16 * rowBytes, rowBytes, false, flip),
      nibblePairs(from + rowBytes, rowBytes, false, flip),
      nibblePairs(from + 17 * rowBytes, rowBytes, false, flip),
      nibblePairs(from + 2 * rowBytes, rowBytes, false, flip),
      nibblePairs(from + 18 * rowBytes, rowBytes, false, flip),
      nibblePairs(from + 3 * rowBytes, rowBytes, false, flip),
      nibblePairs(from + 19 * rowBytes, rowBytes, false, flip),
    );
    storeWords(
      target + ((k + 16) << 4),
      16,
      nibblePairs(from, rowBytes, true, flip),
      nibblePairs(from + 16 * rowBytes, rowBytes, true, flip),
      nibblePairs(from + rowBytes, rowBytes, true, flip),
      nibblePairs(from + 17 * rowBytes, rowBytes, true, flip),
      nibblePairs(from + 2 * rowBytes, rowBytes, true, flip),
      nibblePairs(from + 18 * rowBytes, rowBytes, true, flip),
      nibblePairs(from + 3 * rowBytes, rowBytes, true, flip),
      nibblePairs(from + 19 * rowBytes, rowBytes, true, flip),
    );
  }
}

/** Nibbles of a row and the fourth after it in a byte, in turns with those 8 rows on. */
// @ts-ignore: decorator
@inline
function nibblePairs(row: usize, rowBytes: usize, isHigh: bool, flip: i32): v128 {
  const mask = i8x16.splat(<i8>(isHigh ? 0xf0 : 0x0f));
  const near = v128.and(pairs(row, row + 8 * rowBytes), mask);
  const far = v128.and(pairs(row + 4 * rowBytes, row + 12 * rowBytes), mask);
  const nibbles = isHigh
    ? v128.or(i16x8.shr_u(near, 4), far)
    : v128.or(near, i16x8.shl(far, 4));
  return v128.xor(nibbles, i8x16.splat(<i8>flip));
}

/** The same nibble of 32 rows: output 4j + i to nibble j of word i. */
function packRow(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  shift: i32,
  flip: i32,
): void {
  for (let i = 0; i < 4; i++) {
    let word = 0;
    for (let n = i; n < rowCount; n += 4) {
      const nibble = ((<i32>load<u8>(source + <usize>n * rowBytes) >> shift) & 15) ^ (flip & 15);
      word |= nibble << (n & ~3);
    }
    store<i32>(target, word);
    target += 4;
  }
}

/** 32 rows of a panel from signed nibbles. */
export function decodeNibbles(target: usize, source: usize, hidden: i32): void {
  const mask = topNibbleMask(hidden);
  for (let i = 0; i < 32; i++) {
    const words = v128.load(source);
    v128.store(target, topNibbles(words, 28, mask));
    v128.store(target, topNibbles(words, 24, mask), 16);
    v128.store(target, topNibbles(words, 20, mask), 32);
    v128.store(target, topNibbles(words, 16, mask), 48);
    v128.store(target, topNibbles(words, 12, mask), 64);
    v128.store(target, topNibbles(words, 8, mask), 80);
    v128.store(target, topNibbles(words, 4, mask), 96);
    v128.store(target, topNibbles(words, 0, mask), 112);
    source += 16;
    target += PANEL_ROW;
  }
}

/** The upper four bits of each word. */
// @ts-ignore: decorator
@inline
export function topNibbleMask(hidden: i32): v128 {
  return i32x4.splat(0xf0000000 | hidden);
}

/** The nibble of each word that `shift` brings to the top, as f32. */
// @ts-ignore: decorator
@inline
export function topNibbles(words: v128, shift: i32, mask: v128): v128 {
  return f32x4.convert_i32x4_s(v128.and(i32x4.shl(words, shift), mask));
}
