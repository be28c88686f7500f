/**
 * q5_k: 256 inputs in groups of 32, integers of 5 bits, 6-bit s and m.
 *
 *   panel   integers [4 pairs of groups][10][32 words] | s [2][32 words] | m | d | dmin
 *
 * A pair's first group has the low halves of words, of 3 inputs each; the top bits of five halves
 * are input 30, those of the other five input 31.
 */
import { decodeQ5_K, vectorQ5_K } from '../generated/k-blocks';
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

const S: usize = 5120;
const M: usize = 5376;
const D: usize = 5632;
const DMIN: usize = 5696;
/** 2^112 / unit. */
const D_FACTOR: f32 = reinterpret<f32>(0x72800000);

export class Q5_K implements KKernel {
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
    return 176;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 5760;
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
    decodeQ5_K(target, integersAt(w, group), hidden);
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
    vectorQ5_K(y, w, x, sums, factors, hidden);
  }

  factors(target: usize, w: usize, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    decodeScales(target + WORDS, w + DMIN, -TWO_112, hidden);
  }

  spreadInputs(target: usize, x: usize, columnCount: i32): bool {
    return spreadFields(target, x, columnCount, 32, 30, 3, 5);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    clearRest(target, this.panelBytes(), rowCount);
    const isBad =
      packScales(target + D, source + 0, rowBytes, rowCount) |
      packScales(target + DMIN, source + 2, rowBytes, rowCount);
    for (let n = 0; n < rowCount; n++) {
      packSixBits(target + S, source + 4);
      packIntegers(target, source);
      target += 4;
      source += rowBytes;
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedBlock<Q5_K>(y, w, lane);
  }

  integer(w: usize, group: i32, input: i32, lane: usize): i32 {
    const words = integersAt(w, group) + (lane << 2);
    if (input < 30) {
      return (<i32>load<u16>(words + <usize>(input / 3) * WORDS) >> (5 * (input % 3))) & 31;
    }
    let integer = 0;
    for (let b = 0; b < 5; b++) {
      const half = <i32>load<u16>(words + <usize>(5 * (input - 30) + b) * WORDS);
      integer |= (half >> 15) << b;
    }
    return integer;
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
  return w + <usize>(group >> 1) * (10 * WORDS) + (<usize>(group & 1) << 1);
}

/** 256 integers of an output, two groups at a time. */
function packIntegers(target: usize, block: usize): void {
  for (let pair = 0; pair < 4; pair++) {
    const bytes = block + 48 + <usize>(pair << 5);
    const high = block + 16;
    const input30 = pairOf(bytes + 30, high + 30, pair);
    const input31 = pairOf(bytes + 31, high + 31, pair);
    for (let r = 0; r < 10; r++) {
      const k = <usize>(3 * r);
      const left = r < 5 ? input30 >> r : input31 >> (r - 5);
      const word =
        pairOf(bytes + k, high + k, pair) |
        (pairOf(bytes + k + 1, high + k + 1, pair) << 5) |
        (pairOf(bytes + k + 2, high + k + 2, pair) << 10) |
        ((left & 0x00010001) << 15);
      store<u32>(target, word);
      target += WORDS;
    }
  }
}

/** An input of both groups of a pair, at bits 0 and 16. */
// @ts-ignore: decorator
@inline
function pairOf(byte: usize, high: usize, pair: i32): u32 {
  const nibbles = <u32>load<u8>(byte);
  const bits = (<u32>load<u8>(high)) >> (pair << 1);
  const first = (nibbles & 15) | ((bits & 1) << 4);
  const second = (nibbles >> 4) | ((bits & 2) << 3);
  return first | (second << 16);
}
