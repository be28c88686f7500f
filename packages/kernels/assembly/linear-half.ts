/**
 * Linear layer of 16-bit weights. Panels: [N/32][K][32] words of 16 bits. T tokens, N outputs, K
 * inputs.
 *
 * Matrix × vector in f16 reads weights as value · 2^-112 and inputs as x · 2^112: each product is
 * the same number, so the same sum. It needs |x| < 2^15; else, and for more tokens, weights are
 * widened a stretch at a time.
 *
 *   scratch   tile (768 bytes) | stretch [128][32] f32 | x [K] f32
 */
import { bf16High, bf16Low, bf16Mask, decodeBf16, hiddenZero } from './decode';
import { decodeF16, F16_UNIT, f16High, f16Low, f16Mask } from './decode';
import { madd } from './fma';
import { clearPanel, copyRows, gemmPanel, PANEL, PANEL_ROW, STRETCH, TILE_BYTES } from './gemm';

/** Bytes of one packed row of a panel. */
const STEP: usize = 64;

/** y[t, n] = Σ_k w[n, k] x[t, k], w in f16. Strides and counts in elements. */
export function linearF16(
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
  const scaled = scratch + TILE_BYTES + <usize>STRETCH * PANEL_ROW;
  if (tokenCount === 1 && scaleInputs(scaled, x, columnCount)) {
    vectorHalf(y, weights, scaled, rowCount, columnCount, scratch, true);
  } else {
    matrixHalf(y, yStride, weights, x, xStride, tokenCount, rowCount, columnCount, scratch, true);
  }
}

/** y[t, n] = Σ_k w[n, k] x[t, k], w in bf16. Strides and counts in elements. */
export function linearBf16(
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
  if (tokenCount === 1) {
    vectorHalf(y, weights, x, rowCount, columnCount, scratch, false);
  } else {
    matrixHalf(y, yStride, weights, x, xStride, tokenCount, rowCount, columnCount, scratch, false);
  }
}

function matrixHalf(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokenCount: i32,
  rowCount: i32,
  columnCount: i32,
  scratch: usize,
  isF16: bool,
): void {
  const stretch = scratch + TILE_BYTES;
  yStride <<= 2;
  xStride <<= 2;
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    clearPanel(y, yStride, tokenCount, columns);
    for (let k = 0; k < columnCount; k += STRETCH) {
      const count = min(STRETCH, columnCount - k);
      if (isF16) decodeF16(stretch, weights, count);
      else decodeBf16(stretch, weights, count);
      const xk = x + (<usize>k << 2);
      gemmPanel(y, yStride, columns, stretch, xk, xStride, tokenCount, count, scratch);
      weights += <usize>count * STEP;
    }
    y += PANEL_ROW;
  }
}

function vectorHalf(
  y: usize,
  weights: usize,
  x: usize,
  rowCount: i32,
  columnCount: i32,
  tile: usize,
  isF16: bool,
): void {
  for (let n = 0; n < rowCount; n += PANEL) {
    const columns = min(PANEL, rowCount - n);
    const target = columns === PANEL ? y : tile;
    if (isF16) vectorPanelF16(target, weights, x, columnCount);
    else vectorPanelBf16(target, weights, x, columnCount);
    if (columns < PANEL) copyRows(y, PANEL_ROW, tile, PANEL_ROW, 1, columns);
    y += PANEL_ROW;
    weights += <usize>columnCount * STEP;
  }
}

function vectorPanelF16(y: usize, w: usize, x: usize, count: i32): void {
  const mask = f16Mask(hiddenZero(count));
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (; count > 0; count--) {
    const s = v128.load32_splat(x);
    let words = v128.load(w);
    a0 = madd(f16Low(words, mask), s, a0);
    a1 = madd(f16High(words, mask), s, a1);
    words = v128.load(w, 16);
    b0 = madd(f16Low(words, mask), s, b0);
    b1 = madd(f16High(words, mask), s, b1);
    words = v128.load(w, 32);
    c0 = madd(f16Low(words, mask), s, c0);
    c1 = madd(f16High(words, mask), s, c1);
    words = v128.load(w, 48);
    d0 = madd(f16Low(words, mask), s, d0);
    d1 = madd(f16High(words, mask), s, d1);
    x += 4;
    w += STEP;
  }
  storeEight(y, a0, a1, b0, b1, c0, c1, d0, d1);
}

function vectorPanelBf16(y: usize, w: usize, x: usize, count: i32): void {
  const mask = bf16Mask(hiddenZero(count));
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (; count > 0; count--) {
    const s = v128.load32_splat(x);
    let words = v128.load(w);
    a0 = madd(bf16Low(words), s, a0);
    a1 = madd(bf16High(words, mask), s, a1);
    words = v128.load(w, 16);
    b0 = madd(bf16Low(words), s, b0);
    b1 = madd(bf16High(words, mask), s, b1);
    words = v128.load(w, 32);
    c0 = madd(bf16Low(words), s, c0);
    c1 = madd(bf16High(words, mask), s, c1);
    words = v128.load(w, 48);
    d0 = madd(bf16Low(words), s, d0);
    d1 = madd(bf16High(words, mask), s, d1);
    x += 4;
    w += STEP;
  }
  storeEight(y, a0, a1, b0, b1, c0, c1, d0, d1);
}

/** Writes x · 2^112; false if some |x| is 2^15 or more, or not a number. */
function scaleInputs(target: usize, x: usize, count: i32): bool {
  let largest = 0;
  for (let k = 0; k < count; k++) {
    const value = load<f32>(x);
    largest = max(largest, reinterpret<i32>(value) & 0x7fffffff);
    store<f32>(target, value * F16_UNIT);
    x += 4;
    target += 4;
  }
  return largest < 0x47000000; // 2^15
}

// @ts-ignore: decorator
@inline
function storeEight(
  y: usize,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  c0: v128,
  c1: v128,
  d0: v128,
  d1: v128,
): void {
  v128.store(y, a0);
  v128.store(y, a1, 16);
  v128.store(y, b0, 32);
  v128.store(y, b1, 48);
  v128.store(y, c0, 64);
  v128.store(y, c1, 80);
  v128.store(y, d0, 96);
  v128.store(y, d1, 112);
}
