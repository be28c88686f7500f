/**
 * q2_k: 256 inputs in groups of 16, integers of 2 bits, 4-bit s and m.
 *
 *   panel   integers [4 fours of groups][4][32 words] | s, m [4][32 words] | d | dmin
 *
 * A four's groups have a byte of a word each, of 4 inputs. A byte of scales is s + 16 m.
 */
import { decodeQ2_K, vectorQ2_K } from '../generated/k-blocks';
import {
  byteOf,
  clearRest,
  embedBlock,
  halfOf,
  K_BLOCK,
  KKernel,
  multiply,
  packBytes,
  spreadFields,
  WORDS,
} from './k-quant';
import { decodeScales, packScales } from './scales';

const S: usize = 2048;
const D: usize = 2560;
const DMIN: usize = 2624;
/** 2^112 / unit. */
const D_FACTOR: f32 = reinterpret<f32>(0x74800000);
/** -2^112 / 16: m comes as 16 m. */
const DMIN_FACTOR: f32 = reinterpret<f32>(0xf5800000);

export class Q2_K implements KKernel {
  // @ts-ignore: decorator
  @inline
  columns(): i32 {
    return K_BLOCK;
  }

  // @ts-ignore: decorator
  @inline
  group(): i32 {
    return 16;
  }

  // @ts-ignore: decorator
  @inline
  hasMinima(): bool {
    return true;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 84;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 2688;
  }

  scales(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    multiply(target, target, byteOf(w + S, group), i32x4.splat(0x0f | hidden));
  }

  minima(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + DMIN, DMIN_FACTOR, hidden);
    multiply(target, target, byteOf(w + S, group), i32x4.splat(0xf0 | hidden));
  }

  decode(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeQ2_K(target, integersAt(w, group), hidden);
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
    vectorQ2_K(y, w, x, sums, factors, hidden);
  }

  factors(target: usize, w: usize, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    decodeScales(target + WORDS, w + DMIN, DMIN_FACTOR, hidden);
  }

  spreadInputs(target: usize, x: usize, columnCount: i32): bool {
    return spreadFields(target, x, columnCount, 16, 16, 4, 2);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    clearRest(target, this.panelBytes(), rowCount);
    const isBad =
      packScales(target + D, source + 80, rowBytes, rowCount) |
      packScales(target + DMIN, source + 82, rowBytes, rowCount);
    for (let n = 0; n < rowCount; n++) {
      packBytes(target + S, source);
      packIntegers(target, source + 16);
      target += 4;
      source += rowBytes;
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedBlock<Q2_K>(y, w, lane);
  }

  integer(w: usize, group: i32, input: i32, lane: usize): i32 {
    const byte = <i32>load<u8>(integersAt(w, group) + <usize>(input >> 2) * WORDS + (lane << 2));
    return (byte >> ((input & 3) << 1)) & 3;
  }

  scale(w: usize, group: i32, lane: usize): f32 {
    return halfOf(w + D, lane) * <f32>(load<u8>(byteOf(w + S, group) + (lane << 2)) & 15);
  }

  minimum(w: usize, group: i32, lane: usize): f32 {
    return -halfOf(w + DMIN, lane) * <f32>(load<u8>(byteOf(w + S, group) + (lane << 2)) >> 4);
  }
}

/** The integers of a group of a panel's block. */
// @ts-ignore: decorator
@inline
function integersAt(w: usize, group: i32): usize {
  return w + <usize>(group >> 2) * (4 * WORDS) + <usize>(group & 3);
}

/** 256 integers of an output, four groups at a time. */
function packIntegers(target: usize, source: usize): void {
  for (let four = 0; four < 4; four++) {
    const from = source + <usize>((four >> 1) << 5);
    const shift = (four & 1) << 2;
    for (let r: usize = 0; r < 16; r += 4) {
      const even = load<u32>(from + r) >> shift;
      const odd = load<u32>(from + r + 16) >> shift;
      const low = quarter(even) | (quarter(odd) << 8);
      const high = quarter(even >> 2) | (quarter(odd >> 2) << 8);
      store<u32>(target, low | (high << 16));
      target += WORDS;
    }
  }
}

/** The lowest two bits of four bytes, as one byte. */
// @ts-ignore: decorator
@inline
function quarter(bytes: u32): u32 {
  const bits = bytes & 0x03030303;
  const pairs = (bits | (bits >> 6)) & 0x000f000f;
  return (pairs | (pairs >> 12)) & 0xff;
}
