/**
 * q4_0: f16 scale, 32 nibbles.
 *
 *   panel   32 scales, then 16 rows of nibbles as q - 8 in two's complement
 */
import { UNIT28_SCALE, widenF16 } from '../decode';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { decodeNibbles, nibbleOf, packNibbles, vectorSigned } from './byte-row-nibbles';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class Q4_0 implements BlockKernel {
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
    return false;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 18;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 576;
  }

  scales(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w, UNIT28_SCALE, hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeNibbles(true, target, w + SCALES, hidden);
  }

  vector(
    y: usize,
    w: usize,
    _group: i32,
    x: usize,
    scales: usize,
    _minima: usize,
    _xSum: usize,
    hidden: i32,
  ): void {
    vectorSigned(y, w + SCALES, x, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    packNibbles(target + SCALES, source + 2, rowBytes, rowCount, 0x88);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    for (let i = 0; i < BLOCK; i++) {
      store<f32>(y, <f32>((nibbleOf(w + SCALES, lane, i) << 28) >> 28) * scale);
      y += 4;
    }
  }
}
