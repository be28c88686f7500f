/**
 * q5_1: f16 scale, f16 minimum, 32 fifth bits, 32 nibbles.
 *
 *   panel   32 scales, 32 minima, 4 planes, then 16 rows of nibbles
 */
import { F16_UNIT, UNIT24_SCALE, widenF16 } from '../decode';
import { PANEL_ROW } from '../gemm';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { fifthOf, joinPlanes, nibbleOf, packNibbles, PLANES } from './byte-row-nibbles';
import { bytesBehind, decodeByteRows, joinMinima, packByteRows, vectorByteRows } from './byte-rows';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class Q5_1 implements BlockKernel {
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
    return 24;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 768;
  }

  scales(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w, UNIT24_SCALE, hidden);
  }

  minima(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w + SCALES, F16_UNIT, hidden);
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    const bytes = target + 24 * PANEL_ROW;
    const planes = w + 2 * SCALES;
    joinPlanes(bytes, planes + PLANES, planes, 0, hidden);
    decodeByteRows(target, bytes, BLOCK, hidden);
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
    const bytes = bytesBehind(minima);
    const planes = w + 2 * SCALES;
    joinPlanes(bytes, planes + PLANES, planes, 0, hidden);
    vectorByteRows(y, bytes, x, BLOCK, scales, hidden);
    joinMinima(y, minima, xSum);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    let isBad = packScales(target, source, rowBytes, rowCount);
    isBad |= packScales(target + SCALES, source + 2, rowBytes, rowCount);
    const planes = target + 2 * SCALES;
    packByteRows(planes, source + 4, rowBytes, rowCount, 4);
    packNibbles(planes + PLANES, source + 8, rowBytes, rowCount, 0);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    const minimum = widenF16(load<u16>(w + SCALES + halfOffset(lane)));
    const planes = w + 2 * SCALES;
    for (let i = 0; i < BLOCK; i++) {
      const bits = nibbleOf(planes + PLANES, lane, i) | fifthOf(planes, lane, i);
      store<f32>(y, <f32>bits * scale + minimum);
      y += 4;
    }
  }
}
