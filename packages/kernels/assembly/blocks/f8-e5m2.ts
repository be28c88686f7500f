/**
 * f8_e5m2: f32 scale, 128 numbers.
 *
 *   panel   32 scales as f32, then 128 rows of byte rows
 */
import { PANEL_ROW } from '../gemm';
import { BlockKernel } from './block';
import { decodeEights, embedEights, packEights, vectorEights } from './f8';

const BLOCK: i32 = 128;

export class F8_E5M2 implements BlockKernel {
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
    return 132;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 4224;
  }

  scales(target: usize, w: usize, _group: i32, _hidden: i32): void {
    memory.copy(target, w, PANEL_ROW);
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    decodeEights(false, target, w + PANEL_ROW, BLOCK, hidden);
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
    vectorEights(false, y, w + PANEL_ROW, x, BLOCK, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    return packEights(false, target, source, rowBytes, rowCount);
  }

  embed(y: usize, w: usize, lane: i32): void {
    embedEights(false, y, w, lane);
  }
}
