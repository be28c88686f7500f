/**
 * q5_0: f16 scale, 32 fifth bits, 32 nibbles.
 *
 *   panel   32 scales, 4 planes, then 16 rows of nibbles
 */
import { UNIT24_SCALE, widenF16 } from '../decode';
import { PANEL_ROW } from '../gemm';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { fifthOf, joinPlanes, nibbleOf, packNibbles, PLANES } from './byte-row-nibbles';
import { bytesBehind, decodeByteRows, packByteRows, vectorByteRows } from './byte-rows';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class Q5_0 implements BlockKernel {
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
    return 22;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 704;
  }

  scales(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeScales(target, w, UNIT24_SCALE, hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    const bytes = target + 24 * PANEL_ROW;
    const planes = w + SCALES;
    joinPlanes(bytes, planes + PLANES, planes, 16, hidden);
    decodeByteRows(target, bytes, BLOCK, hidden);
  }

  vector(
    y: usize,
    w: usize,
    _group: i32,
    x: usize,
    scales: usize,
    minima: usize,
    _xSum: usize,
    hidden: i32,
  ): void {
    const bytes = bytesBehind(minima);
    const planes = w + SCALES;
    joinPlanes(bytes, planes + PLANES, planes, 16, hidden);
    vectorByteRows(y, bytes, x, BLOCK, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    const planes = target + SCALES;
    packByteRows(planes, source + 2, rowBytes, rowCount, 4);
    packNibbles(planes + PLANES, source + 6, rowBytes, rowCount, 0);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    const planes = w + SCALES;
    for (let i = 0; i < BLOCK; i++) {
      const bits = nibbleOf(planes + PLANES, lane, i) | fifthOf(planes, lane, i);
      store<f32>(y, <f32>(bits - 16) * scale);
      y += 4;
    }
  }
}
