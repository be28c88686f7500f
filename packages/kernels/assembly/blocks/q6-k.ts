/**
 * q6_k: 256 inputs in groups of 16, integers from -32 to 31, s of 8 bits.
 *
 *   panel   d | s [4][32 words] | integers [16 groups][3][32 words]
 *
 * A word has 5 inputs from the top; the lowest two bits of the three words are input 15.
 */
import { decodeQ6_K, vectorQ6_K } from '../generated/k-blocks';
import {
  byteOf,
  clearRest,
  copyInputs,
  embedBlock,
  halfOf,
  K_BLOCK,
  KKernel,
  multiplySigned,
  packBytes,
  WORDS,
} from './k-quant';
import { decodeScales, packScales } from './scales';

const D: usize = 0;
const S: usize = 64;
const INTEGERS: usize = 576;
/** 2^112 / unit / 2^24. */
const D_FACTOR: f32 = reinterpret<f32>(0x5e800000);

export class Q6_K implements KKernel {
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
    return 210;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 6720;
  }

  scales(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
    multiplySigned(target, target, byteOf(w + S, group), hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeQ6_K(target, integersAt(w, group), hidden);
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
    vectorQ6_K(y, w, x, sums, factors, hidden);
  }

  factors(target: usize, w: usize, hidden: i32): void {
    decodeScales(target, w + D, D_FACTOR, hidden);
  }

  spreadInputs(target: usize, x: usize, columnCount: i32): bool {
    return copyInputs(target, x, columnCount);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    clearRest(target, this.panelBytes(), rowCount);
    const isBad = packScales(target + D, source + 208, rowBytes, rowCount);
    for (let n = 0; n < rowCount; n++) {
      packBytes(target + S, source + 192);
      packIntegers(target + INTEGERS, source);
      target += 4;
      source += rowBytes;
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedBlock<Q6_K>(y, w, lane);
  }

  integer(w: usize, group: i32, input: i32, lane: usize): i32 {
    const words = integersAt(w, group) + (lane << 2);
    if (input < 15) {
      return (load<i32>(words + <usize>(input / 5) * WORDS) << (6 * (input % 5))) >> 26;
    }
    const low = (load<i32>(words) & 3) | ((load<i32>(words + WORDS) & 3) << 2);
    return ((load<i32>(words + 2 * WORDS) << 30) >> 26) | low;
  }

  scale(w: usize, group: i32, lane: usize): f32 {
    return halfOf(w + D, lane) * <f32>load<i8>(byteOf(w + S, group) + (lane << 2));
  }

  minimum(_w: usize, _group: i32, _lane: usize): f32 {
    return 0;
  }
}

/** The integers of a group of a panel's block. */
// @ts-ignore: decorator
@inline
function integersAt(w: usize, group: i32): usize {
  return w + INTEGERS + <usize>group * (3 * WORDS);
}

/** 256 integers of an output, a group at a time. */
function packIntegers(target: usize, block: usize): void {
  for (let group = 0; group < 16; group++) {
    const first = <usize>(((group >> 3) << 6) + ((group & 3) << 4));
    const high = block + 128 + <usize>(((group >> 3) << 5) + ((group & 1) << 4));
    const shift = <u64>((group >> 1) & 3);
    const a = eight(block + first, high, shift);
    const b = eight(block + first + 8, high + 8, shift);
    // Inputs 5 to 12, so that each word takes its five from one number.
    const c = (a >> 40) | (b << 24);
    const last = <u32>(b >> 56);
    store<u32>(target, five(a) | (last & 3));
    store<u32>(target + WORDS, five(c) | ((last >> 2) & 3));
    store<u32>(target + 2 * WORDS, five(b >> 16) | (last >> 4));
    target += 3 * WORDS;
  }
}

/** Eight inputs as bytes: 6 bits of two's complement. */
// @ts-ignore: decorator
@inline
function eight(low: usize, high: usize, shift: u64): u64 {
  const nibbles = (load<u64>(low) >> ((shift >> 1) << 2)) & 0x0f0f0f0f0f0f0f0f;
  const bits = (load<u64>(high) >> (shift << 1)) & 0x0303030303030303;
  return (nibbles | (bits << 4)) ^ 0x2020202020202020;
}

/** The lowest five of eight bytes as fields from the top of a word. */
// @ts-ignore: decorator
@inline
function five(bytes: u64): u32 {
  return (
    (<u32>(bytes & 63) << 26) |
    (<u32>((bytes >> 8) & 63) << 20) |
    (<u32>((bytes >> 16) & 63) << 14) |
    (<u32>((bytes >> 24) & 63) << 8) |
    (<u32>((bytes >> 32) & 63) << 2)
  );
}
