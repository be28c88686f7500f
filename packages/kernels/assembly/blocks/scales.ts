/**
 * Scales of a panel's 32 blocks as f16, 64 bytes: of each 8 outputs, word i holds i and i + 4.
 */
import { f16High, f16Low, f16Mask } from '../decode';
import { PANEL } from '../gemm';
import { packOne } from '../pack';

/** Bytes of the scales. */
export const SCALES: usize = 64;

/** The scales as f32, times `unit`. */
export function decodeScales(target: usize, source: usize, unit: f32, hidden: i32): void {
  const factor = f32x4.splat(unit);
  const mask = f16Mask(hidden);
  for (let group = 0; group < 4; group++) {
    const words = v128.load(source);
    v128.store(target, f32x4.mul(f16Low(words, mask), factor));
    v128.store(target, f32x4.mul(f16High(words, mask), factor), 16);
    source += 16;
    target += 32;
  }
}

/** Packs the f16 of up to 32 rows; 1 where one is not finite. */
export function packScales(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32 {
  let isBad = 0;
  for (let n = 0; n < PANEL; n++) {
    isBad |= packOne(target, n, source, rowBytes, rowCount, 0x7c00);
  }
  return isBad;
}
