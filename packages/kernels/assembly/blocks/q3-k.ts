/**
 * q3_k: 256 inputs in groups of 16, integers from -4 to 3, s from -32 to 31.
 *
 *   panel   d | s [4][32 words] | integers [8 pairs of groups][3][32 words]
 *
 * A pair's first group has the low halves of words, of 5 inputs each from the top; the lowest bits
 * of the three halves are input 15.
 */
import { decodeQ3_K, vectorQ3_K } from '../generated/k-blocks';
import {
  byteOf,
  clearRest,
  copyInputs,
  embedBlock,
  halfOf,
  K_BLOCK,
  KKernel,
  multiplySigned,
  WORDS,
} from './k-quant';
import { decodeScales, packScales } from './scales';

const D: usize = 0;
const S: usize = 64;
const INTEGERS: usize = 576;
/** 2^112 / unit / 2^24. */
const D_FACTOR: f32 = reinterpret<f32>(0x5d000000);

export class Q3_K implements KKernel {
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
    return false;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 110;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 3648;
  }

  scales(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    multiplySigned(target, target, byteOf(w + S, group), hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeQ3_K(target, integersAt(w, group), hidden);
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
    vectorQ3_K(y, w, x, sums, factors, hidden);
  }

  factors(target: usize, w: usize, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
  }

  spreadInputs(target: usize, x: usize, columnCount: i32): bool {
    return copyInputs(target, x, columnCount);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    clearRest(target, this.panelBytes(), rowCount);
    const isBad = packScales(target + D, source + 108, rowBytes, rowCount);
    for (let n = 0; n < rowCount; n++) {
      packScaleBytes(target + S, source + 96);
      packIntegers(target + INTEGERS, source);
      target += 4;
      source += rowBytes;
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedBlock<Q3_K>(y, w, lane);
  }

  integer(w: usize, group: i32, input: i32, lane: usize): i32 {
    const halves = integersAt(w, group) + 2 + (lane << 2);
    if (input < 15) {
      const half = <i32>load<u16>(halves + <usize>(input / 5) * WORDS);
      return (half << (16 + 3 * (input % 5))) >> 29;
    }
    const low = (<i32>load<u16>(halves) & 1) | ((<i32>load<u16>(halves + WORDS) & 1) << 1);
    return low - ((<i32>load<u16>(halves + 2 * WORDS) & 1) << 2);
  }

  scale(w: usize, group: i32, lane: usize): f32 {
    return halfOf(w + D, lane) * <f32>load<i8>(byteOf(w + S, group) + (lane << 2));
  }

  minimum(_w: usize, _group: i32, _lane: usize): f32 {
    return 0;
  }
}

/** The integers of a group of a panel's block: a half at the top of each word read. */
// @ts-ignore: decorator
@inline
function integersAt(w: usize, group: i32): usize {
  return w + INTEGERS + <usize>(group >> 1) * (3 * WORDS) + (<usize>(group & 1) << 1) - 2;
}

/** 16 s of an output: low nibbles in 8 bytes, upper bits in 4; less 32, as bytes. */
function packScaleBytes(target: usize, source: usize): void {
  const a = load<u32>(source);
  const b = load<u32>(source, 4);
  const c = load<u32>(source, 8);
  store<u32>(target, lessBy32((a & 0x0f0f0f0f) | ((c << 4) & 0x30303030)));
  store<u32>(target + WORDS, lessBy32((b & 0x0f0f0f0f) | ((c << 2) & 0x30303030)));
  store<u32>(target + 2 * WORDS, lessBy32(((a >> 4) & 0x0f0f0f0f) | (c & 0x30303030)));
  store<u32>(target + 3 * WORDS, lessBy32(((b >> 4) & 0x0f0f0f0f) | ((c >> 2) & 0x30303030)));
}

/** Four bytes from 0 to 63, each less 32: a sign bit flips and spreads. */
// @ts-ignore: decorator
@inline
function lessBy32(bytes: u32): u32 {
  const flipped = bytes ^ 0x20202020;
  const sign = flipped & 0x20202020;
  return flipped | (sign << 1) | (sign << 2);
}

/** 256 integers of an output, two groups at a time. */
function packIntegers(target: usize, block: usize): void {
  for (let pair = 0; pair < 8; pair++) {
    const bytes = block + 32 + <usize>((pair >> 2) << 5);
    const shift = (pair & 3) << 1;
    const last = pairOf(bytes + 15, block + 15, shift, pair);
    for (let r = 0; r < 3; r++) {
      let words = (last >> r) & 0x00010001;
      for (let f = 0; f < 5; f++) {
        const i = <usize>(5 * r + f);
        words |= pairOf(bytes + i, block + i, shift, pair) << (13 - 3 * f);
      }
      store<u32>(target, words);
      target += WORDS;
    }
  }
}

/** An input of both groups of a pair, at bits 0 and 16, as 3 bits of two's complement. */
// @ts-ignore: decorator
@inline
function pairOf(byte: usize, high: usize, shift: i32, pair: i32): u32 {
  const low = (<u32>load<u8>(byte) | (<u32>load<u8>(byte, 16) << 16)) >> shift;
  const bits = (<u32>load<u8>(high) | (<u32>load<u8>(high, 16) << 16)) >> pair;
  return (low & 0x00030003) | (((bits & 0x00010001) ^ 0x00010001) << 2);
}
