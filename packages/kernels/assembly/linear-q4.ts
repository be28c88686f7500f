/**
 * Linear layer of q4_0 weights. Panels: [N/32][K/32] blocks of 32 f16 scales, then [32 k][4
 * words]: nibble j of word i is output 4j + i. T tokens, N outputs, K inputs.
 *
 *   scratch   tile (768 bytes) | scales [4][32] f32 | stretch [128][32] f32
 */
import { decodeQ4, decodeScales, hiddenZero, Q4_SCALE, topNibbleMask, topNibbles } from './decode';
import { madd } from './fma';
import { clearPanel, copyRows, gemmPanel, PANEL, PANEL_ROW, STRETCH, TILE_BYTES } from './gemm';

/** Bytes of a block's scales. */
const SCALES: usize = 64;
/** Bytes of a block. */
const BLOCK_BYTES: usize = 576;

/** y[t, n] = Σ_k w[n, k] x[t, k], w in q4_0. Strides and counts in elements. */
export function linearQ4(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  rowCount: i32,
  columnCount: i32,
  scratch: usize,
): void {
  yStride <<= 2;
  xStride <<= 2;
  const panelBytes = <usize>(columnCount >> 5) * BLOCK_BYTES;
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    if (tokenCount === 1) {
      const target = columns === PANEL ? y : scratch;
      vectorPanel(target, weights, x, columnCount, scratch + TILE_BYTES);
      if (columns < PANEL) copyRows(y, PANEL_ROW, scratch, PANEL_ROW, 1, columns);
    } else {
      clearPanel(y, yStride, tokenCount, columns);
      matrixPanel(y, yStride, columns, weights, x, xStride, tokenCount, columnCount, scratch);
    }
    y += PANEL_ROW;
    weights += panelBytes;
  }
}

function matrixPanel(
  y: usize,
  yStride: usize,
  columns: i32,
  weights: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  columnCount: i32,
  scratch: usize,
): void {
  const scales = scratch + TILE_BYTES;
  const stretch = scales + 4 * PANEL_ROW;
  for (let k = 0; k < columnCount; k += STRETCH) {
    const count = min(STRETCH, columnCount - k);
    for (let b = 0; b < count >> 5; b++) {
      decodeScales(scales + <usize>b * PANEL_ROW, weights, Q4_SCALE, hiddenZero(columnCount));
      decodeQ4(stretch + ((<usize>b * PANEL_ROW) << 5), weights + SCALES, hiddenZero(columnCount));
      weights += BLOCK_BYTES;
    }
    const xk = x + (<usize>k << 2);
    gemmPanel(y, yStride, columns, stretch, xk, xStride, tokenCount, count, scales, scratch);
  }
}

/** One token × 32 outputs; sums of blocks are parked in y. */
function vectorPanel(y: usize, w: usize, x: usize, columnCount: i32, scales: usize): void {
  const hidden = hiddenZero(columnCount);
  const mask = topNibbleMask(hidden);
  clearPanel(y, PANEL_ROW, 1, PANEL);
  for (; columnCount > 0; columnCount -= 32) {
    decodeScales(scales, w, Q4_SCALE, hidden);
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    w += SCALES;
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
}

// @ts-ignore: decorator
@inline
function join(y: usize, offset: usize, sum: v128, scales: usize): void {
  v128.store(y + offset, madd(sum, v128.load(scales + offset), v128.load(y + offset)));
}
