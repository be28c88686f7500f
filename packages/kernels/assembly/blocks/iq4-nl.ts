/**
 * iq4_nl: f16 scale, 32 nibbles that pick from a table.
 *
 *   panel   32 scales, then 16 rows of nibbles
 */
import { UNIT24_SCALE, widenF16 } from '../decode';
import { PANEL_ROW } from '../gemm';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { iq4Table } from './iq4-table';
import { entryOf, lookUpNibbles, nibbleOf, packNibbles } from './byte-row-nibbles';
import { bytesBehind, decodeByteRows, vectorByteRows } from './byte-rows';
import { decodeScales, packScales, SCALES } from './scales';

const BLOCK: i32 = 32;

export class IQ4_NL implements BlockKernel {
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
    decodeScales(target, w, UNIT24_SCALE, hidden);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    const bytes = target + 24 * PANEL_ROW;
    lookUpNibbles(bytes, w + SCALES, iq4Table(hidden), hidden);
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
    lookUpNibbles(bytes, w + SCALES, iq4Table(hidden), hidden);
    vectorByteRows(y, bytes, x, BLOCK, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    packNibbles(target + SCALES, source + 2, rowBytes, rowCount, 0);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    for (let i = 0; i < BLOCK; i++) {
      const entry = entryOf(iq4Table(0), nibbleOf(w + SCALES, lane, i));
      store<f32>(y, <f32>entry * scale);
      y += 4;
    }
  }
}
