/**
 * The loops that all block types share, generic over the class of a type (`block.ts`).
 *
 *   linear    panel by panel; one token through `vector`, more through a decoded stretch
 *   pack      block by block of a panel
 *   embed     block by block of a row
 *
 *   scratch   tile (768 bytes) | scales [S][32] | minima [S][32] | stretch [128][32]
 *             | sums of x [64][K / group]         all f32; S = 128 / group; the last with minima
 */
import { hiddenZero } from '../decode';
import { clearPanel, copyRows, gemmBlocks, PANEL, PANEL_ROW, STRETCH, TILE_BYTES } from '../gemm';
import { BlockKernel } from './block';

/** Tokens whose sums of x are kept at a time. */
const SUMS_TOKENS: i32 = 64;

/**
 * y[t, n] = Σ_k w[n, k] x[t, k]. Strides and counts in elements. `isStretched`: one token goes
 * through a decoded stretch too.
 */
export function linear<T extends BlockKernel>(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  rowCount: i32,
  columnCount: i32,
  scratch: usize,
  isStretched: bool = false,
): void {
  yStride <<= 2;
  xStride <<= 2;
  if (!changetype<T>(0).hasMinima()) {
    addTokens<T>(
      y,
      yStride,
      weights,
      x,
      xStride,
      tokenCount,
      rowCount,
      columnCount,
      scratch,
      isStretched,
    );
    return;
  }
  const sums = sumsOf<T>(scratch);
  for (; tokenCount > 0; tokenCount -= SUMS_TOKENS) {
    const tokens = min(tokenCount, SUMS_TOKENS);
    sumGroups(sums, x, xStride, tokens, columnCount, changetype<T>(0).group());
    addTokens<T>(
      y,
      yStride,
      weights,
      x,
      xStride,
      tokens,
      rowCount,
      columnCount,
      scratch,
      isStretched,
    );
    y += yStride * SUMS_TOKENS;
    x += xStride * SUMS_TOKENS;
  }
}

/** Where minima of a stretch begin; scales do behind the tile. */
// @ts-ignore: decorator
@inline
function minimaOf<T extends BlockKernel>(scratch: usize): usize {
  return scratch + TILE_BYTES + <usize>(STRETCH / changetype<T>(0).group()) * PANEL_ROW;
}

// @ts-ignore: decorator
@inline
function stretchOf<T extends BlockKernel>(scratch: usize): usize {
  return minimaOf<T>(scratch) + <usize>(STRETCH / changetype<T>(0).group()) * PANEL_ROW;
}

// @ts-ignore: decorator
@inline
function sumsOf<T extends BlockKernel>(scratch: usize): usize {
  return stretchOf<T>(scratch) + <usize>STRETCH * PANEL_ROW;
}

function addTokens<T extends BlockKernel>(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  rowCount: i32,
  columnCount: i32,
  scratch: usize,
  isStretched: bool,
): void {
  const type = changetype<T>(0);
  const panelBytes = <usize>(columnCount / type.columns()) * type.panelBytes();
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    if (tokenCount === 1 && !isStretched) {
      const target = columns === PANEL ? y : scratch;
      vectorPanel<T>(target, weights, x, columnCount, scratch);
      if (columns < PANEL) copyRows(y, PANEL_ROW, scratch, PANEL_ROW, 1, columns);
    } else {
      clearPanel(y, yStride, tokenCount, columns);
      matrixPanel<T>(y, yStride, columns, weights, x, xStride, tokenCount, columnCount, scratch);
    }
    y += PANEL_ROW;
    weights += panelBytes;
  }
}

/** One token × 32 outputs; sums are parked in y between groups. */
function vectorPanel<T extends BlockKernel>(
  y: usize,
  w: usize,
  x: usize,
  columnCount: i32,
  scratch: usize,
): void {
  const type = changetype<T>(0);
  const hidden = hiddenZero(columnCount);
  const scales = scratch + TILE_BYTES;
  const minima = minimaOf<T>(scratch);
  let xSum = sumsOf<T>(scratch);
  clearPanel(y, PANEL_ROW, 1, PANEL);
  for (; columnCount > 0; columnCount -= type.columns()) {
    for (let group = 0; group < type.columns() / type.group(); group++) {
      type.scales(scales, w, group, hidden);
      if (type.hasMinima()) type.minima(minima, w, group, hidden);
      type.vector(y, w, group, x, scales, minima, xSum, hidden);
      x += <usize>type.group() << 2;
      xSum += 4;
    }
    w += type.panelBytes();
  }
}

/** Decodes a stretch of the panel, passes all tokens over it, goes on. */
function matrixPanel<T extends BlockKernel>(
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
  const type = changetype<T>(0);
  const size = type.group();
  const perBlock = type.columns() / size;
  const perStretch = STRETCH / size;
  const hidden = hiddenZero(columnCount);
  const scales = scratch + TILE_BYTES;
  const minima = type.hasMinima() ? minimaOf<T>(scratch) : 0;
  const stretch = stretchOf<T>(scratch);
  const sumStride = <usize>(columnCount / size) << 2;
  const groupCount = columnCount / size;
  for (let first = 0; first < groupCount; first += perStretch) {
    const count = min(perStretch, groupCount - first);
    for (let i = 0; i < count; i++) {
      const group = (first + i) % perBlock;
      const w = weights + <usize>((first + i) / perBlock) * type.panelBytes();
      const row = <usize>i * PANEL_ROW;
      type.scales(scales + row, w, group, hidden);
      if (type.hasMinima()) type.minima(minima + row, w, group, hidden);
      type.decode(stretch + row * <usize>size, w, group, hidden);
    }
    const xk = x + ((<usize>(first * size)) << 2);
    const sums = sumsOf<T>(scratch) + (<usize>first << 2);
    gemmBlocks(
      y,
      yStride,
      columns,
      stretch,
      xk,
      xStride,
      tokenCount,
      count,
      size,
      scales,
      minima,
      sums,
      sumStride,
      scratch,
    );
  }
}

/** Sums of groups of x, each in four lanes. target: [T][K / size]. */
export function sumGroups(
  target: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  columnCount: i32,
  size: i32,
): void {
  for (let t = 0; t < tokenCount; t++) {
    let from = x;
    for (let k = 0; k < columnCount; k += size) {
      let lanes = f32x4.splat(0);
      for (let i = 0; i < size; i += 4) {
        lanes = f32x4.add(lanes, v128.load(from));
        from += 16;
      }
      const low = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
      store<f32>(target, low + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3)));
      target += 4;
    }
    x += xStride;
  }
}

/** Packs a panel; see `PackKernel`. */
export function pack<T extends BlockKernel>(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  columnCount: i32,
): i32 {
  const type = changetype<T>(0);
  let isBad = 0;
  for (; columnCount > 0; columnCount -= type.columns()) {
    isBad |= type.pack(target, source, rowBytes, rowCount);
    target += type.panelBytes();
    source += type.storedBytes();
  }
  return isBad;
}

/** One row of a packed matrix as f32. */
export function embed<T extends BlockKernel>(
  y: usize,
  weights: usize,
  row: i32,
  columnCount: i32,
): void {
  const type = changetype<T>(0);
  const blockCount = columnCount / type.columns();
  weights += <usize>(row >> 5) * <usize>blockCount * type.panelBytes();
  for (let block = 0; block < blockCount; block++) {
    type.embed(y, weights, row & 31);
    y += <usize>type.columns() << 2;
    weights += type.panelBytes();
  }
}
