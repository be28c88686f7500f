/**
 * Linear layer of a block type with 8-bit activations. Panels are those of all kernels. T tokens,
 * N outputs, K inputs.
 *
 * Each call quantizes its inputs, 32 tokens at a time; sums of blocks are parked in scratch.
 *
 *   scratch   sums [32][32] f32 | scales [4][32] f32 | stretch, 8,192 bytes
 *             | factors [8 groups][K/32][4] | words [8 groups][K/2 or K/4][4]
 */
import { hiddenZero } from './decode';
import { clearPanel, copyRows, PANEL, PANEL_ROW, STRETCH } from './gemm';
import { addQ4Block, addQ8Block } from './generated/int8-blocks';
import { vectorPanelQ4, vectorPanelQ8 } from './int8-vector';
import { byteRowScales, orderSums, widenQ4, widenQ8 } from './int8-weights';
import { FACTOR_BYTES, quantizeRow } from './quantize';

/** Tokens that are quantized at a time. */
const TOKENS: i32 = 32;
/** Tokens whose words take turns. */
const GROUP: i32 = 4;
const SUMS_BYTES: usize = 4096;
const SCALES_BYTES: usize = 512;
const STRETCH_BYTES: usize = 8192;

/** Bytes of a block's scales in a panel. */
const SCALES: usize = 64;
/** Bytes of a block of q8_0 and of q4_0. */
const Q8_BLOCK: usize = 1088;
const Q4_BLOCK: usize = 576;
/** The same as words of neighboring inputs. */
const Q8_WIDENED: usize = 2048;
const Q4_WIDENED: usize = 1024;
/** Bytes of a block's words of a group, and of its factors. */
const Q8_WORDS: usize = 256;
const Q4_WORDS: usize = 128;
const GROUP_FACTORS: usize = 32;

/** y[t, n] = Σ_k w[n, k] x[t, k], w in q8_0, x quantized. Strides and counts in elements. */
export function linearInt8Q8_0(
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
  linearInt8(
    false,
    y,
    yStride,
    weights,
    x,
    xStride,
    tokenCount,
    rowCount,
    columnCount,
    scratch,
  );
}

/** y[t, n] = Σ_k w[n, k] x[t, k], w in q4_0, x quantized. Strides and counts in elements. */
export function linearInt8Q4_0(
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
  linearInt8(true, y, yStride, weights, x, xStride, tokenCount, rowCount, columnCount, scratch);
}

function linearInt8(
  isNibbles: bool,
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
  const panelBytes = <usize>(columnCount >> 5) * (isNibbles ? Q4_BLOCK : Q8_BLOCK);
  for (; tokenCount > 0; tokenCount -= TOKENS) {
    const tokens = min(tokenCount, TOKENS);
    quantizeRows(isNibbles, x, xStride, tokens, columnCount, scratch);
    let panel = weights;
    for (let n = 0; n < rowCount; n += PANEL) {
      clearPanel(scratch, PANEL_ROW, tokens, PANEL);
      if (tokens > 1) matrixPanel(isNibbles, panel, tokens, columnCount, scratch);
      else vectorPanel(isNibbles, panel, columnCount, scratch);
      orderSums(scratch, tokens);
      const columns = min(PANEL, rowCount - n);
      copyRows(y + ((<usize>n) << 2), yStride, scratch, PANEL_ROW, tokens, columns);
      panel += panelBytes;
    }
    y += yStride * TOKENS;
    x += xStride * TOKENS;
  }
}

/** Where factors of a group begin: after sums, scales and the stretch. */
// @ts-ignore: decorator
@inline
function factorsOf(scratch: usize, group: i32, columnCount: i32): usize {
  return scratch + SUMS_BYTES + SCALES_BYTES + STRETCH_BYTES + <usize>(group * columnCount);
}

/** Where words of a group begin. */
// @ts-ignore: decorator
@inline
function wordsOf(scratch: usize, group: i32, columnCount: i32, isNibbles: bool): usize {
  const bytes = (<usize>(group * columnCount)) << (isNibbles ? 2 : 3);
  return factorsOf(scratch, TOKENS / GROUP, columnCount) + bytes;
}

/** A row that is alone stands alone; others take turns by fours. */
function quantizeRows(
  isNibbles: bool,
  x: usize,
  xStride: usize,
  tokens: i32,
  columnCount: i32,
  scratch: usize,
): void {
  const turns: usize = tokens === 1 ? 1 : GROUP;
  for (let t = 0; t < tokens; t++) {
    const place = <usize>(t % GROUP);
    const words = wordsOf(scratch, t / GROUP, columnCount, isNibbles) + (place << 2);
    const factors = factorsOf(scratch, t / GROUP, columnCount) + place * FACTOR_BYTES;
    quantizeRow(words, factors, x, columnCount, turns, isNibbles);
    x += xStride;
  }
}

/** The panel's sums of one token. */
function vectorPanel(isNibbles: bool, w: usize, columnCount: i32, scratch: usize): void {
  const scales = scratch + SUMS_BYTES;
  const words = wordsOf(scratch, 0, columnCount, isNibbles);
  const factors = factorsOf(scratch, 0, columnCount);
  if (isNibbles) vectorPanelQ4(scratch, w, words, factors, columnCount, scales);
  else vectorPanelQ8(scratch, w, words, factors, columnCount, scales);
}

/** Widens a stretch of the panel, passes all tokens over it, goes on. */
function matrixPanel(
  isNibbles: bool,
  w: usize,
  tokens: i32,
  columnCount: i32,
  scratch: usize,
): void {
  const hidden = hiddenZero(columnCount);
  const scales = scratch + SUMS_BYTES;
  const stretch = scales + SCALES_BYTES;
  for (let k = 0; k < columnCount; k += STRETCH) {
    const count = min(STRETCH, columnCount - k) >> 5;
    for (let b: usize = 0; b < <usize>count; b++) {
      byteRowScales(scales + b * PANEL_ROW, w, hidden);
      if (isNibbles) widenQ4(stretch + b * Q4_WIDENED, w + SCALES, hidden);
      else widenQ8(stretch + b * Q8_WIDENED, w + SCALES);
      w += isNibbles ? Q4_BLOCK : Q8_BLOCK;
    }
    for (let t = 0; t < tokens; t += GROUP) {
      const group = t / GROUP;
      const sums = scratch + <usize>t * PANEL_ROW;
      const inputs = <usize>k << (isNibbles ? 2 : 3);
      const x = wordsOf(scratch, group, columnCount, isNibbles) + inputs;
      const factors = factorsOf(scratch, group, columnCount) + <usize>k;
      addStretch(isNibbles, min(GROUP, tokens - t), sums, stretch, x, factors, scales, count);
    }
  }
}

/** Adds `count` blocks to the sums of up to 4 tokens. */
function addStretch(
  isNibbles: bool,
  tokens: i32,
  sums: usize,
  w: usize,
  x: usize,
  factors: usize,
  scales: usize,
  count: i32,
): void {
  for (; count > 0; count--) {
    if (isNibbles) {
      addQ4Block(tokens, sums, w, x, factors, scales);
      w += Q4_WIDENED;
      x += Q4_WORDS;
    } else {
      addQ8Block(tokens, sums, w, x, factors, scales);
      w += Q8_WIDENED;
      x += Q8_WORDS;
    }
    factors += GROUP_FACTORS;
    scales += PANEL_ROW;
  }
}
