/**
 * Linear layers of K-quants: one token has loops of its own, more tokens those of all block types.
 *
 * The token is spread once for all panels (`spreadInputs`); d and dmin become f32 once per block of
 * 256 inputs.
 *
 *   scratch   tile (768 bytes) | d, -dmin [2][32] | sums of x [K / group]
 *             | x · unit / 2^place [K]                                          all f32
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
  const sums = scratch + TILE_BYTES + 2 * PANEL_ROW;
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
  const blockGroups = <usize>(type.columns() / type.group());
  clearPanel(y, PANEL_ROW, 1, PANEL);
  for (; columnCount > 0; columnCount -= type.columns()) {
    type.factors(factors, w, hidden);
    type.vectorBlock(y, w, x, sums, factors, hidden);
    x += <usize>type.columns() << 2;
    sums += blockGroups << 2;
    w += type.panelBytes();
  }
}
