/**
 * q4_0: f16 scale, 32 nibbles.
 *
 *   panel   32 scales, then nibbles as q - 8 in two's complement
 */
import { UNIT28_SCALE, widenF16 } from '../decode';
import { madd } from '../fma';
import { halfOffset } from '../pack';
import { BlockKernel, join } from './block';
import { decodeNibbles, packNibbles, topNibbleMask, topNibbles } from './nibbles';
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
    decodeNibbles(target, w + SCALES, hidden);
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
    w += SCALES;
    const mask = topNibbleMask(hidden);
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;

    for (let k = 32; k > 0; k--) {
      const s = v128.load32_splat(x);
      const words = v128.load(w);
      a0 = madd(topNibbles(words, 28, mask), s, a0);
      a1 = madd(topNibbles(words, 24, mask), s, a1);
      a2 = madd(topNibbles(words, 20, mask), s, a2);
      a3 = madd(topNibbles(words, 16, mask), s, a3);
      b0 = madd(topNibbles(words, 12, mask), s, b0);
      b1 = madd(topNibbles(words, 8, mask), s, b1);
      b2 = madd(topNibbles(words, 4, mask), s, b2);
      b3 = madd(topNibbles(words, 0, mask), s, b3);
      x += 4;
      w += 16;
    }
    join(y, 0, a0, scales);
    join(y, 16, a1, scales);
    join(y, 32, a2, scales);
    join(y, 48, a3, scales);
    join(y, 64, b0, scales);
    join(y, 80, b1, scales);
    join(y, 96, b2, scales);
    join(y, 112, b3, scales);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    const isBad = packScales(target, source, rowBytes, rowCount);
    packNibbles(target + SCALES, source + 2, rowBytes, rowCount, 0x88);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    w += SCALES + (<usize>(lane & 3) << 2);
    const shift = 28 - (lane & ~3);
    for (let i = 0; i < BLOCK; i++) {
      store<f32>(y, <f32>((load<i32>(w) << shift) >> 28) * scale);
      y += 4;
      w += 16;
    }
  }
}
