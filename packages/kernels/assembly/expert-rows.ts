/**
 * Rows on their way to experts and back: gathered by slot, and added up by token.
 *
 * A slot is t · k + j, the j-th expert of token t; `slots` gives the slot of a row, `places` the
 * row of a slot. T tokens, k chosen, N width.
 */
import { madd } from './fma';
import { loadPart, storePart } from './lanes';
import { add } from './norm';

/** y[r] = x[slots[r] / k], times weights[slots[r]] unless weights is 0. y: [count, width]. */
export function gatherRows(
  y: usize,
  x: usize,
  xStride: usize,
  slots: usize,
  weights: usize,
  count: i32,
  chosenCount: i32,
  width: i32,
): void {
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < count; r++) {
    const slot = load<i32>(slots + (<usize>r << 2));
    const source = x + ((<usize>(slot / chosenCount) * xStride) << 2);
    if (weights === 0) memory.copy(y, source, rowBytes);
    else scaleRow(y, source, load<f32>(weights + (<usize>slot << 2)), width);
    y += rowBytes;
  }
}

function scaleRow(y: usize, x: usize, weight: f32, width: i32): void {
  const factor = f32x4.splat(weight);
  for (; width >= 4; width -= 4) {
    v128.store(y, f32x4.mul(v128.load(x), factor));
    y += 16;
    x += 16;
  }
  storePart(y, f32x4.mul(loadPart(x, width), factor), width);
}

/**
 * y[t] = Σ_j weights[t, j] · rows[places[t, j]] from +0, ascending j, then + shared[t].
 * weights 0: all count 1. shared 0: nothing is added.
 */
export function expertSum(
  y: usize,
  yStride: usize,
  rows: usize,
  rowStride: usize,
  places: usize,
  weights: usize,
  shared: usize,
  sharedStride: usize,
  tokenCount: i32,
  chosenCount: i32,
  count: i32,
): void {
  for (let t = 0; t < tokenCount; t++) {
    let n = 0;
    for (; n + 16 <= count; n += 16) {
      const at = <usize>n << 2;
      sumSixteen(y + at, rows + at, rowStride, places, weights, chosenCount);
    }
    for (; n < count; n += 4) {
      const at = <usize>n << 2;
      sumPart(y + at, rows + at, rowStride, places, weights, chosenCount, min(4, count - n));
    }
    if (shared !== 0) {
      add(y, shared, count);
      shared += sharedStride << 2;
    }
    y += yStride << 2;
    places += <usize>chosenCount << 2;
    if (weights !== 0) weights += <usize>chosenCount << 2;
  }
}

function sumSixteen(
  y: usize,
  rows: usize,
  rowStride: usize,
  places: usize,
  weights: usize,
  chosenCount: i32,
): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let j: usize = 0; j < <usize>chosenCount << 2; j += 4) {
    const row = rows + ((<usize>load<i32>(places + j) * rowStride) << 2);
    if (weights === 0) {
      a = f32x4.add(a, v128.load(row));
      b = f32x4.add(b, v128.load(row, 16));
      c = f32x4.add(c, v128.load(row, 32));
      d = f32x4.add(d, v128.load(row, 48));
    } else {
      const weight = f32x4.splat(load<f32>(weights + j));
      a = madd(weight, v128.load(row), a);
      b = madd(weight, v128.load(row, 16), b);
      c = madd(weight, v128.load(row, 32), c);
      d = madd(weight, v128.load(row, 48), d);
    }
  }
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
}

function sumPart(
  y: usize,
  rows: usize,
  rowStride: usize,
  places: usize,
  weights: usize,
  chosenCount: i32,
  width: i32,
): void {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < <usize>chosenCount << 2; j += 4) {
    const row = rows + ((<usize>load<i32>(places + j) * rowStride) << 2);
    const part = loadPart(row, width);
    if (weights === 0) sum = f32x4.add(sum, part);
    else sum = madd(f32x4.splat(load<f32>(weights + j)), part, sum);
  }
  storePart(y, sum, width);
}
