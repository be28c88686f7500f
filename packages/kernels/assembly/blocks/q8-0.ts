/**
 * q8_0: f16 scale, 32 i8.
 *
 *   panel   32 scales, then 32 rows of byte rows
 */
import { UNIT24_SCALE, widenF16 } from '../decode';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { decodeByteRows, BYTE_ROW, byteRowOffset, packByteRows, vectorByteRows } from './byte-rows';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class Q8_0 implements BlockKernel {
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
    return 34;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 1088;
  }

  scales(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w, UNIT24_SCALE, hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeByteRows(target, w + SCALES, BLOCK, hidden);
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
    vectorByteRows(y, w + SCALES, x, BLOCK, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    packByteRows(target + SCALES, source + 2, rowBytes, rowCount, BLOCK);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    w += SCALES + byteRowOffset(lane);
    for (let i = 0; i < BLOCK; i++) {
      store<f32>(y, <f32>load<i8>(w) * scale);
      y += 4;
      w += BYTE_ROW;
    }
  }
}
