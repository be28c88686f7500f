/**
 * mxfp4: a power of two as E8M0, 32 nibbles of E2M1.
 *
 *   panel   32 bytes of scales, then 16 rows of nibbles
 *
 * Integers are doubled numbers: half the power is 2^(byte - 128), with the unit 2^(byte - 152).
 */
import { PANEL, PANEL_ROW } from '../gemm';
import { BlockKernel } from './block';
import { entryOf, lookUpNibbles, nibbleOf, packNibbles } from './byte-row-nibbles';
import { bytesBehind, decodeByteRows, vectorByteRows } from './byte-rows';

const BLOCK: i32 = 32;
const SCALE_BYTES: usize = 32;
/** 2^-25. */
const POWER_UNIT: f32 = reinterpret<f32>(0x33000000);

export class MXFP4 implements BlockKernel {
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
    return 17;
  }

  // @ts-ignore: decorator
  @inline
  panelBytes(): usize {
    return 544;
  }

  scales(target: usize, w: usize, _group: i32, _hidden: i32): void {
    // The byte as an exponent is 2^(byte - 127), and 0 for byte 0: both vanish with the unit.
    const factor = f32x4.splat(POWER_UNIT);
    for (let n = 0; n < PANEL; n += 4) {
      const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(w)));
      v128.store(target, f32x4.mul(i32x4.shl(words, 23), factor));
      w += 4;
      target += 16;
    }
  }

  minima(_target: usize, _w: usize, _group: i32, _hidden: i32): void {
    // There are none.
  }

  decode(target: usize, w: usize, _group: i32, hidden: i32): void {
    const bytes = target + 24 * PANEL_ROW;
    lookUpNibbles(bytes, w + SCALE_BYTES, doubledTable(hidden), hidden);
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
    lookUpNibbles(bytes, w + SCALE_BYTES, doubledTable(hidden), hidden);
    vectorByteRows(y, bytes, x, BLOCK, scales, hidden);
  }

  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
    let isBad = 0;
    for (let n = 0; n < PANEL; n++) {
      const byte: u8 = n < rowCount ? load<u8>(source + <usize>n * rowBytes) : 0;
      isBad |= i32(byte === 255);
      store<u8>(target + n, byte);
    }
    packNibbles(target + SCALE_BYTES, source + 1, rowBytes, rowCount, 0);
    return isBad;
  }

  embed(y: usize, w: usize, lane: i32): void {
    const scale = halfPower(<i32>load<u8>(w + lane));
    for (let i = 0; i < BLOCK; i++) {
      const entry = entryOf(doubledTable(0), nibbleOf(w + SCALE_BYTES, lane, i));
      store<f32>(y, <f32>entry * scale);
      y += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function doubledTable(hidden: i32): v128 {
  const entries = i8x16(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
  return v128.or(entries, i32x4.splat(hidden));
}

/** 2^(byte - 128); subnormal for bytes 0 and 1. */
function halfPower(byte: i32): f32 {
  return reinterpret<f32>(byte > 1 ? (byte - 1) << 23 : 0x00200000 << byte);
}
