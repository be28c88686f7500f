/**
 * One row of a packed matrix as f32: y[k] = w[row, k]. Block types: `blocks/`.
 */
import { widenF16 } from './decode';
import { halfOffset } from './pack';

/** Row of [N/32][K][32] f32. */
export function embedF32(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 7) + (<usize>(row & 31) << 2);
  for (; columnCount > 0; columnCount--) {
    store<f32>(y, load<f32>(w));
    y += 4;
    w += 128;
  }
}

/** Row of [N/32][K][32] f16. */
export function embedF16(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 6) + halfOffset(row & 31);
  for (; columnCount > 0; columnCount--) {
    store<f32>(y, widenF16(load<u16>(w)));
    y += 4;
    w += 64;
  }
}

/** Row of [N/32][K][32] bf16. */
export function embedBf16(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 6) + halfOffset(row & 31);
  for (; columnCount > 0; columnCount--) {
    store<u32>(y, <u32>load<u16>(w) << 16);
    y += 4;
    w += 64;
  }
}

// @ts-ignore: decorator
@inline
function panelOf(weights: usize, row: i32, panelBytes: usize): usize {
  return weights + <usize>(row >> 5) * panelBytes;
}
