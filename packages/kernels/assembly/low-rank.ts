/**
 * The low-rank change of a linear layer, added to rows that go through one adapter.
 *
 *     u [T, R] = x Aᵀ, from +0        y [T, N] += u Bᵀ, from y        panels of 16 outputs
 *
 * Shapes: A [R/16][K][16], B [N/16][R][16]; R is whole panels. Letters: T tokens, N outputs,
 * K inputs, R rank. Scratch: u of the tokens of a block, then a panel of them for a cut one.
 */
import { addNarrow } from './generated/gemm-blocks';
import { copyRows } from './gemm';
import { WIDE } from './wide';

const PANEL: i32 = 16;
/** Bytes of one f32 row of a panel. */
const PANEL_ROW: usize = 64;

/** y[t, n] += Σ_r b[n, r] Σ_k a[r, k] x[t, k]. Strides and counts in elements. */
export function lowRank(
  y: usize,
  yStride: usize,
  a: usize,
  b: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  rowCount: i32,
  columnCount: i32,
  rank: i32,
  scratch: usize,
): void {
  yStride <<= 2;
  xStride <<= 2;
  const uStride = (<usize>rank) << 2;
  const tokensMax = WIDE ? 4 : 2;
  const tile = scratch + (uStride << 2);
  while (tokenCount > 0) {
    const tokens = min(tokenCount, tokensMax);
    const uBytes = uStride * <usize>tokens;
    for (let i: usize = 0; i < uBytes; i += 16) v128.store(scratch + i, f32x4.splat(0));
    for (let r = 0; r < rank; r += PANEL) {
      const panel = a + <usize>(r * columnCount) * 4;
      addNarrow(tokens, scratch + ((<usize>r) << 2), uStride, panel, x, xStride, columnCount);
    }
    for (let n = 0; n < rowCount; n += PANEL) {
      const target = y + ((<usize>n) << 2);
      const panel = b + <usize>(n * rank) * 4;
      const columns = min(PANEL, rowCount - n);
      if (columns === PANEL) {
        addNarrow(tokens, target, yStride, panel, scratch, uStride, rank);
      } else {
        copyRows(tile, PANEL_ROW, target, yStride, tokens, columns);
        addNarrow(tokens, tile, PANEL_ROW, panel, scratch, uStride, rank);
        copyRows(target, yStride, tile, PANEL_ROW, tokens, columns);
      }
    }
    y += yStride * tokens;
    x += xStride * tokens;
    tokenCount -= tokens;
  }
}
