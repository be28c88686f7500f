/**
 * q8_0: f16 scale, 32 i8.
 *
 *   panel   32 scales, then [32 k][32 outputs] i8
 */
import { topBytes, topMask, UNIT24_SCALE, widenF16 } from '../decode';
import { madd } from '../fma';
import { PANEL } from '../gemm';
import { halfOffset } from '../pack';
import { pairs, storeWords } from '../transpose';
import { BlockKernel, join } from './block';
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
    decodeBytes(target, w + SCALES, hidden);
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
    const m0 = topMask(0, hidden);
    const m1 = topMask(1, hidden);
    const m2 = topMask(2, hidden);
    const m3 = topMask(3, hidden);
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
      let bytes = v128.load(w);
      a0 = madd(topBytes(bytes, m0), s, a0);
      a1 = madd(topBytes(bytes, m1), s, a1);
      a2 = madd(topBytes(bytes, m2), s, a2);
      a3 = madd(topBytes(bytes, m3), s, a3);
      bytes = v128.load(w, 16);
      b0 = madd(topBytes(bytes, m0), s, b0);
      b1 = madd(topBytes(bytes, m1), s, b1);
      b2 = madd(topBytes(bytes, m2), s, b2);
      b3 = madd(topBytes(bytes, m3), s, b3);
      x += 4;
      w += 32;
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
    if (rowCount === PANEL) packBlock(target + SCALES, source + 2, rowBytes);
    else packPart(target + SCALES, source + 2, rowBytes, rowCount);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = widenF16(load<u16>(w + halfOffset(lane)));
    w += SCALES + lane;
    for (let i = 0; i < BLOCK; i++) {
      store<f32>(y, <f32>load<i8>(w) * scale);
      y += 4;
      w += 32;
    }
  }
}

/** 32 rows of a panel from the integers of a q8_0 block. */
function decodeBytes(target: usize, source: usize, hidden: i32): void {
  const m0 = topMask(0, hidden);
  const m1 = topMask(1, hidden);
  const m2 = topMask(2, hidden);
  const m3 = topMask(3, hidden);
  for (let i = 64; i > 0; i--) {
    const bytes = v128.load(source);
    v128.store(target, topBytes(bytes, m0));
    v128.store(target, topBytes(bytes, m1), 16);
    v128.store(target, topBytes(bytes, m2), 32);
    v128.store(target, topBytes(bytes, m3), 48);
    source += 16;
    target += 64;
  }
}

/** 32 inputs of less than 32 rows. */
function packPart(target: usize, source: usize, rowBytes: usize, rowCount: i32): void {
  for (let i = 0; i < BLOCK; i++) {
    let from = source + i;
    for (let n = 0; n < PANEL; n++) {
      store<u8>(target, n < rowCount ? load<u8>(from) : 0);
      target++;
      from += rowBytes;
    }
  }
}

/** 32 inputs of 32 rows, in pieces of 16 rows × 8 inputs. */
function packBlock(target: usize, source: usize, rowBytes: usize): void {
  const r1 = rowBytes;
  const r2 = 2 * rowBytes;
  const r3 = 3 * rowBytes;
  for (let n: usize = 0; n < 32; n += 16) {
    for (let k: usize = 0; k < 32; k += 8) {
      const a = source + n * rowBytes + k;
      const b = a + 4 * rowBytes;
      const c = b + 4 * rowBytes;
      const d = c + 4 * rowBytes;
      storeWords(
        target + (k << 5) + n,
        32,
        pairs(a, a + r1),
        pairs(a + r2, a + r3),
        pairs(b, b + r1),
        pairs(b + r2, b + r3),
        pairs(c, c + r1),
        pairs(c + r2, c + r3),
        pairs(d, d + r1),
        pairs(d + r2, d + r3),
      );
    }
  }
}
