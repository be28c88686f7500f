/**
 * Linear layer of f32 weights. Panels: [N/32][K][32] f32. Letters: T tokens, N outputs, K inputs.
 */
import { addChain } from './generated/gemm-blocks';
import { clearPanel, copyRows, gemmPanel, PANEL, PANEL_ROW, STRETCH } from './gemm';

/** y[t, n] = Σ_k w[n, k] x[t, k]. Strides and counts in elements. */
export function linearF32(
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
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    if (tokenCount === 1) {
      vectorPanel(y, columns, weights, x, columnCount, scratch);
    } else {
      clearPanel(y, yStride, tokenCount, columns);
      for (let k = 0; k < columnCount; k += STRETCH) {
        const count = min(STRETCH, columnCount - k);
        const w = weights + <usize>k * PANEL_ROW;
        const xk = x + ((<usize>k) << 2);
        gemmPanel(y, yStride, columns, w, xk, xStride, tokenCount, count, scratch);
      }
    }
    y += PANEL_ROW;
    weights += <usize>columnCount * PANEL_ROW;
  }
}

function vectorPanel(
  y: usize,
  columns: i32,
  weights: usize,
  x: usize,
  columnCount: i32,
  tile: usize,
): void {
  const target = columns === PANEL ? y : tile;
  clearPanel(target, PANEL_ROW, 1, PANEL);
  addChain(1, target, PANEL_ROW, weights, x, 0, columnCount);
  if (columns < PANEL) copyRows(y, PANEL_ROW, tile, PANEL_ROW, 1, columns);
}
