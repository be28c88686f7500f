/**
 * Linear layers of K-quants: one token has loops of its own, more tokens those of all block types.
 *
 * The token is spread once for all panels (`spreadInputs`); d and dmin become f32 once per block of
 * 256 inputs, scales and minima once per group.
 *
 *   scratch   tile (768 bytes) | d, -dmin [2][32] | scales [32] | minima [32]
 *             | sums of x [K / group] | x · unit / 2^place [K]                  all f32
 */
import { hiddenZero } from '../decode';
import { clearPanel, copyRows, PANEL, PANEL_ROW, TILE_BYTES } from '../gemm';
import { KKernel } from './k-quant';
import { linear, sumGroups } from './loops';

/** y[t, n] = Σ_k w[n, k] x[t, k]. Strides and counts in elements. */
export function linearK<T extends KKernel>(
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
  const type = changetype<T>(0);
  const sums = scratch + TILE_BYTES + 4 * PANEL_ROW;
  const inputs = sums + (<usize>(columnCount / type.group()) << 2);
  if (tokenCount !== 1 || !type.spreadInputs(inputs, x, columnCount)) {
    linear<T>(y, yStride, weights, x, xStride, tokenCount, rowCount, columnCount, scratch, true);
    return;
  }
  if (type.hasMinima()) sumGroups(sums, x, 0, 1, columnCount, type.group());
  const panelBytes = <usize>(columnCount / type.columns()) * type.panelBytes();
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    const target = columns === PANEL ? y : scratch;
    vectorPanel<T>(target, weights, inputs, sums, columnCount, scratch + TILE_BYTES);
    if (columns < PANEL) copyRows(y, PANEL_ROW, scratch, PANEL_ROW, 1, columns);
    y += PANEL_ROW;
    weights += panelBytes;
  }
}

/** One token × 32 outputs; sums are parked in y between groups. */
function vectorPanel<T extends KKernel>(
  y: usize,
  w: usize,
  x: usize,
  sums: usize,
  columnCount: i32,
  factors: usize,
): void {
  const type = changetype<T>(0);
  const hidden = hiddenZero(columnCount);
  const lower = factors + PANEL_ROW;
  const scales = lower + PANEL_ROW;
  const minima = scales + PANEL_ROW;
  clearPanel(y, PANEL_ROW, 1, PANEL);
  for (; columnCount > 0; columnCount -= type.columns()) {
    type.factors(factors, w, hidden);
    for (let group = 0; group < type.columns() / type.group(); group++) {
      type.scaleBy(scales, factors, w, group, hidden);
      if (type.hasMinima()) type.lowerBy(minima, lower, w, group, hidden);
      type.vector(y, w, group, x, scales, minima, sums, hidden);
      x += <usize>type.group() << 2;
      sums += 4;
    }
    w += type.panelBytes();
  }
}
