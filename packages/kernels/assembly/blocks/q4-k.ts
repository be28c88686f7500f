/**
 * q4_k: 256 inputs in groups of 32, integers of 4 bits, 6-bit s and m.
 *
 *   panel   integers [4 pairs of groups][8][32 words] | s [2][32 words] | m | d | dmin
 *
 * A pair's first group has the low halves of words, of 4 inputs each.
 */
import { decodeQ4_K, vectorQ4_K } from '../generated/k-blocks';
import {
  byteOf,
  clearRest,
  embedBlock,
  halfOf,
  K_BLOCK,
  KKernel,
  multiply,
  packSixBits,
  spreadFields,
  TWO_112,
  WORDS,
} from './k-quant';
import { decodeScales, packScales } from './scales';

const S: usize = 4096;
const M: usize = 4352;
const D: usize = 4608;
const DMIN: usize = 4672;
/** 2^112 / unit. */
const D_FACTOR: f32 = reinterpret<f32>(0x75800000);

export class Q4_K implements KKernel {
  // @ts-ignore: decorator
  @inline
  columns(): i32 {
    return K_BLOCK;
  }

  // @ts-ignore: decorator
  @inline
  group(): i32 {
    return 32;
  }

  // @ts-ignore: decorator
  @inline
  hasMinima(): bool {
    return true;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 144;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 4736;
  }

  scales(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    multiply(target, target, byteOf(w + S, group), i32x4.splat(0xff | hidden));
  }

  minima(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + DMIN, -TWO_112, hidden);
    multiply(target, target, byteOf(w + M, group), i32x4.splat(0xff | hidden));
  }

  decode(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeQ4_K(target, integersAt(w, group), hidden);
  }

  vector(
    _y: usize,
    _w: usize,
    _group: i32,
    _x: usize,
    _scales: usize,
    _minima: usize,
    _xSum: usize,
    _hidden: i32,
  ): void {
    unreachable(); // whole blocks at a time: `vectorBlock`
  }

  vectorBlock(y: usize, w: usize, x: usize, sums: usize, factors: usize, hidden: i32): void {
    vectorQ4_K(y, w, x, sums, factors, hidden);
  }

  factors(target: usize, w: usize, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    decodeScales(target + WORDS, w + DMIN, -TWO_112, hidden);
  }

  spreadInputs(target: usize, x: usize, columnCount: i32): bool {
    return spreadFields(target, x, columnCount, 32, 32, 2, 4);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    clearRest(target, this.panelBytes(), rowCount);
    const isBad =
      packScales(target + D, source + 0, rowBytes, rowCount) |
      packScales(target + DMIN, source + 2, rowBytes, rowCount);
    for (let n = 0; n < rowCount; n++) {
      packSixBits(target + S, source + 4);
      packIntegers(target, source + 16);
      target += 4;
      source += rowBytes;
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedBlock<Q4_K>(y, w, lane);
  }

  integer(w: usize, group: i32, input: i32, lane: usize): i32 {
    const word = load<u32>(integersAt(w, group) + <usize>(input >> 2) * WORDS + (lane << 2));
    return (word >> ((input & 3) << 2)) & 15;
  }

  scale(w: usize, group: i32, lane: usize): f32 {
    return halfOf(w + D, lane) * <f32>load<u8>(byteOf(w + S, group) + (lane << 2));
  }

  minimum(w: usize, group: i32, lane: usize): f32 {
    return -halfOf(w + DMIN, lane) * <f32>load<u8>(byteOf(w + M, group) + (lane << 2));
  }
}

/** The integers of a group of a panel's block. */
// @ts-ignore: decorator
@inline
function integersAt(w: usize, group: i32): usize {
  return w + <usize>(group >> 1) * (8 * WORDS) + (<usize>(group & 1) << 1);
}

/** 256 integers of an output; of each 32 bytes, low nibbles are a group, high ones the next. */
function packIntegers(target: usize, source: usize): void {
  for (let i = 0; i < 16; i++) {
    const bytes = load<u64>(source);
    const words = halves(bytes) | (halves(bytes >> 4) << 16);
    store<u32>(target, <u32>words);
    store<u32>(target + WORDS, <u32>(words >> 32));
    source += 8;
    target += 2 * WORDS;
  }
}

/** The low nibbles of 8 bytes, as two numbers of 16 bits at bits 0 and 32. */
// @ts-ignore: decorator
@inline
function halves(bytes: u64): u64 {
  const nibbles = bytes & 0x0f0f0f0f0f0f0f0f;
  const pairs = (nibbles | (nibbles >> 4)) & 0x00ff00ff00ff00ff;
  return (pairs | (pairs >> 8)) & 0x0000ffff0000ffff;
}
