/**
 * Matrix × matrix over one panel of 32 outputs and one stretch of inputs, in blocks of up to 6
 * tokens.
 *
 * The stretch's weights are f32, [count][32], and stay in the first cache while all tokens pass. A
 * panel that is cut (fewer than 32 outputs) goes through `tile`, so that y is written nowhere
 * else.
 */
import { addChain, addScaled } from './generated/gemm-blocks';
import { loadPart, storePart } from './lanes';

/** Inputs per stretch: 128 · 32 weights of f32 fill half of a first cache of 32 KiB. */
export const STRETCH: i32 = 128;
/** Outputs per panel. */
export const PANEL: i32 = 32;
/** Bytes of one f32 row of a panel. */
export const PANEL_ROW: usize = 128;
/** Bytes of the tile of a cut panel: 6 tokens. */
export const TILE_BYTES: usize = 768;

const BLOCK: i32 = 32;

/** Zeroes the panel's columns in T rows of y: the chains' first value. */
export function clearPanel(y: usize, yStride: usize, tokenCount: i32, columns: i32): void {
  for (let t = 0; t < tokenCount; t++) {
    for (let n = 0; n < columns; n += 4) {
      storePart(y + ((<usize>n) << 2), f32x4.splat(0), min(4, columns - n));
    }
    y += yStride;
  }
}

/** Adds a stretch to T rows of y. `scale`: 0, or [count / 32][32] f32 for block types. */
export function gemmPanel(
  y: usize,
  yStride: usize,
  columns: i32,
  w: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  count: i32,
  scale: usize,
  tile: usize,
): void {
  while (tokenCount > 0) {
    let tokens = min(tokenCount, 6);
    if (tokenCount === 7) tokens = 4; // 4 + 3 keeps more chains in flight than 6 + 1
    if (columns < PANEL) {
      copyRows(tile, PANEL_ROW, y, yStride, tokens, columns);
      addStretch(tile, PANEL_ROW, w, x, xStride, tokens, count, scale);
      copyRows(y, yStride, tile, PANEL_ROW, tokens, columns);
    } else {
      addStretch(y, yStride, w, x, xStride, tokens, count, scale);
    }
    y += yStride * tokens;
    x += xStride * tokens;
    tokenCount -= tokens;
  }
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

function addStretch(
  y: usize,
  yStride: usize,
  w: usize,
  x: usize,
  xStride: usize,
  tokens: i32,
  count: i32,
  scale: usize,
): void {
  if (scale === 0) {
    addChain(tokens, y, yStride, w, x, xStride, count);
    return;
  }
  for (; count > 0; count -= BLOCK) {
    addScaled(tokens, y, yStride, w, x, xStride, BLOCK, scale);
    w += <usize>BLOCK * PANEL_ROW;
    x += BLOCK * 4;
    scale += PANEL_ROW;
  }
}
