/**
 * Matrix × matrix over one panel of 32 outputs and one stretch of inputs, in blocks of up to 6
 * tokens.
 *
 * The stretch's weights are f32, [count][32], and stay in the first cache while all tokens pass. A
 * panel that is cut (fewer than 32 outputs) goes through `tile`, so that y is written nowhere
 * else.
 */
import { addChain, addScaled, addShifted } from './generated/gemm-blocks';
import { loadPart, storePart } from './lanes';

/** Inputs per stretch: 128 · 32 weights of f32 fill half of a first cache of 32 KiB. */
export const STRETCH: i32 = 128;
/** Outputs per panel. */
export const PANEL: i32 = 32;
/** Bytes of one f32 row of a panel. */
export const PANEL_ROW: usize = 128;
/** Bytes of the tile of a cut panel: 6 tokens. */
export const TILE_BYTES: usize = 768;

/** Zeroes the panel's columns in T rows of y: the chains' first value. */
export function clearPanel(y: usize, yStride: usize, tokenCount: i32, columns: i32): void {
  for (let t = 0; t < tokenCount; t++) {
    for (let n = 0; n < columns; n += 4) {
      storePart(y + ((<usize>n) << 2), f32x4.splat(0), min(4, columns - n));
    }
    y += yStride;
  }
}

/** Adds a stretch of plain weights to T rows of y. */
export function gemmPanel(
  y: usize,
  yStride: usize,
  columns: i32,
  w: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  count: i32,
  tile: usize,
): void {
  while (tokenCount > 0) {
    const tokens = tokensOf(tokenCount);
    const isCut = columns < PANEL;
    const target = isCut ? tile : y;
    const stride = isCut ? PANEL_ROW : yStride;
    if (isCut) copyRows(tile, PANEL_ROW, y, yStride, tokens, columns);
    addChain(tokens, target, stride, w, x, xStride, count);
    if (isCut) copyRows(y, yStride, tile, PANEL_ROW, tokens, columns);
    y += yStride * tokens;
    x += xStride * tokens;
    tokenCount -= tokens;
  }
}

/**
 * Adds a stretch of `count` groups of block types to T rows of y. Shapes: scales, minima (0: none)
 * [count][32]; sums of x [T], `sumStride` bytes apart, [count].
 */
export function gemmBlocks(
  y: usize,
  yStride: usize,
  columns: i32,
  w: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  count: i32,
  group: i32,
  scales: usize,
  minima: usize,
  sums: usize,
  sumStride: usize,
  tile: usize,
): void {
  while (tokenCount > 0) {
    const tokens = tokensOf(tokenCount);
    const isCut = columns < PANEL;
    const target = isCut ? tile : y;
    const stride = isCut ? PANEL_ROW : yStride;
    if (isCut) copyRows(tile, PANEL_ROW, y, yStride, tokens, columns);
    for (let i = 0; i < count; i++) {
      const row = <usize>i * PANEL_ROW;
      const wi = w + row * <usize>group;
      const xi = x + ((<usize>(i * group)) << 2);
      if (minima) {
        const sum = sums + (<usize>i << 2);
        const at = minima + row;
        addShifted(
          tokens,
          target,
          stride,
          wi,
          xi,
          xStride,
          group,
          scales + row,
          at,
          sum,
          sumStride,
        );
      } else {
        addScaled(tokens, target, stride, wi, xi, xStride, group, scales + row);
      }
    }
    if (isCut) copyRows(y, yStride, tile, PANEL_ROW, tokens, columns);
    y += yStride * tokens;
    x += xStride * tokens;
    sums += sumStride * tokens;
    tokenCount -= tokens;
  }
}

/** Tokens of the next block: 4 + 3 keeps more chains in flight than 6 + 1. */
// @ts-ignore: decorator
@inline
function tokensOf(tokenCount: i32): i32 {
  return tokenCount === 7 ? 4 : min(tokenCount, 6);
}

/** Copies the panel's columns of some rows. */
export function copyRows(
  target: usize,
  targetStride: usize,
  source: usize,
  sourceStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let t = 0; t < rows; t++) {
    for (let n = 0; n < columns; n += 4) {
      const offset = (<usize>n) << 2;
      const part = min(4, columns - n);
      storePart(target + offset, loadPart(source + offset, part), part);
    }
    target += targetStride;
    source += sourceStride;
  }
}
