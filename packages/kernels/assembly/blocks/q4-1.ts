/**
 * q4_1: f16 scale, f16 minimum, 32 nibbles.
 *
 *   panel   32 scales, 32 minima, then 16 rows of nibbles
 */
import { F16_UNIT, widenF16 } from '../decode';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { decodeNibbles, nibbleOf, packNibbles, vectorUnsigned } from './byte-row-nibbles';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class Q4_1 implements BlockKernel {
  // @ts-ignore: decorator
  @inline
  columns(): i32 {
    return BLOCK;
  }

  // @ts-ignore: decorator
  @inline
  group(): i32 {
    return BLOCK;
  }

  // @ts-ignore: decorator
  @inline
  hasMinima(): bool {
    return true;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 20;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 640;
  }

  scales(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w, F16_UNIT, hidden);
  }

  minima(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w + SCALES, F16_UNIT, hidden);
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeNibbles(false, target, w + 2 * SCALES, hidden);
  }

  vector(
    y: usize,
    w: usize,
    _group: i32,
    x: usize,
    scales: usize,
    minima: usize,
    xSum: usize,
    hidden: i32,
  ): void {
    vectorUnsigned(y, w + 2 * SCALES, x, scales, minima, xSum, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    let isBad = packScales(target, source, rowBytes, rowCount);
    isBad |= packScales(target + SCALES, source + 2, rowBytes, rowCount);
    packNibbles(target + 2 * SCALES, source + 4, rowBytes, rowCount, 0);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    const minimum = widenF16(load<u16>(w + SCALES + halfOffset(lane)));
    for (let i = 0; i < BLOCK; i++) {
      store<f32>(y, <f32>nibbleOf(w + 2 * SCALES, lane, i) * scale + minimum);
      y += 4;
    }
  }
}
