/**
 * iq4_xs: f16 scale, 8 group scales of 6 bits, 256 nibbles that pick from a table.
 *
 *   panel   32 scales, [8 groups][32] i8 group scales (bits - 32), then 8 times 16 rows of nibbles
 */
import { UNIT24_SCALE, widenF16 } from '../decode';
import { PANEL, PANEL_ROW } from '../gemm';
import { halfOffset } from '../pack';
import { BlockKernel } from './block';
import { iq4Table } from './iq4-table';
import { entryOf, lookUpNibbles, NIBBLES, nibbleOf, packNibbles } from './byte-row-nibbles';
import { bytesBehind, decodeByteRows, vectorByteRows } from './byte-rows';
import { decodeScales, packScales, SCALES } from './scales';


export class IQ4_XS implements BlockKernel {
  // @ts-ignore: decorator
  @inline
  columns(): i32 {
    return 256;
  }

  // @ts-ignore: decorator
  @inline
  group(): i32 {
    return 32;
  }

  // @ts-ignore: decorator
  @inline
  hasMinima(): bool {
    return false;
  }

  // @ts-ignore: decorator
  @inline
  storedBytes(): usize {
    return 136;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 4416;
  }

  scales(target: usize, w: usize, group: i32, hidden: i32): void {
    decodeScales(target, w, UNIT24_SCALE, hidden);
    w += SCALES + (<usize>group << 5);
    for (let n = 0; n < PANEL; n += 4) {
      const words = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(w)));
      v128.store(target, f32x4.mul(v128.load(target), f32x4.convert_i32x4_s(words)));
      w += 4;
      target += 16;
    }
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, group: i32, hidden: i32): void {
    const bytes = target + 24 * PANEL_ROW;
    lookUpNibbles(bytes, nibblesOf(w, group), iq4Table(hidden), hidden);
    decodeByteRows(target, bytes, 32, hidden);
  }

  vector(
    y: usize,
    w: usize,
    group: i32,
    x: usize,
    scales: usize,
    minima: usize,
    _xSum: usize,
    hidden: i32,
  ): void {
    const bytes = bytesBehind(minima);
    lookUpNibbles(bytes, nibblesOf(w, group), iq4Table(hidden), hidden);
    vectorByteRows(y, bytes, x, 32, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    for (let n = 0; n < PANEL; n++) {
      const row = source + <usize>n * rowBytes;
      for (let group = 0; group < 8; group++) {
        const scale = n < rowCount ? groupScale(row, group) : 0;
        store<i8>(target + SCALES + (group << 5) + n, <i8>scale);
      }
    }
    for (let group = 0; group < 8; group++) {
      packNibbles(nibblesOf(target, group), source + 8 + 16 * group, rowBytes, rowCount, 0);
    }
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const whole = widenF16(load<u16>(w + halfOffset(lane)));
    for (let group = 0; group < 8; group++) {
      const scale = whole * <f32>load<i8>(w + SCALES + (group << 5) + lane);
      for (let i = 0; i < 32; i++) {
        const entry = entryOf(iq4Table(0), nibbleOf(nibblesOf(w, group), lane, i));
        store<f32>(y, <f32>entry * scale);
        y += 4;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function nibblesOf(w: usize, group: i32): usize {
  return w + SCALES + 256 + <usize>group * NIBBLES;
}

/** The 6 bits of a group's scale, less 32. */
function groupScale(row: usize, group: i32): i32 {
  const low = (<i32>load<u8>(row + 4 + (group >> 1)) >> ((group & 1) << 2)) & 15;
  const high = (<i32>load<u16>(row + 2) >> (group << 1)) & 3;
  return (low | (high << 4)) - 32;
}
