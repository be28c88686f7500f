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
  for (let k = 0; k < columnCount; k++) {
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
    for (let i = 0; i < BLOCK; i++) {
      let from = source + 2 + i;
      for (let n = 0; n < PANEL; n++) {
        store<u8>(target, n < rowCount ? load<u8>(from) : 0);
        target++;
        from += rowBytes;
      }
    }
    source += 34;
  }
  return isBad;
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
    for (let i: usize = 0; i < 16; i++) {
      packNibbles(target + (i << 4), source + 2 + i, rowBytes, rowCount, 0);
      packNibbles(target + ((i + 16) << 4), source + 2 + i, rowBytes, rowCount, 4);
    }
    target += 512;
    source += 18;
  }
  return isBad;
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
  for (let k = 0; k < columnCount; k++) {
    for (let n = 0; n < PANEL; n++) {
      isBad |= packOne(target, n, source, rowBytes, rowCount, exponent);
    }
    source += 2;
    target += 64;
  }
  return isBad;
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
