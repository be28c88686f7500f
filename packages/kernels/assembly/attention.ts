/**
 * Causal attention over the paged KV cache. T tokens, H heads; a row is one query of one head.
 *
 * Each row folds whole blocks of 16 positions in ascending order with an online softmax; positions
 * beyond its query count as -∞ and their values are not read. Rows that share keys run four at a
 * time; absent rows of the last four repeat the last one into a spare row.
 *
 *   scratch   of a row   p [16], then largest, weight, kept
 *             of four    p [4][16], then largest, weight, kept [4] | spare row [headWidth], all f32
 */
import { addValues, clearRow, divideRow, scoreBlock, scoreFour } from './attention-blocks';
import { divideFour, foldFour, startFour } from './attention-four';
import { exp4 } from './exp';
import { madd } from './fma';
import { foldLanes, largestOf } from './lanes';
import { WIDE } from './wide';

/** Where the parts of a row's state are. */
const LARGEST: usize = 64;
const WEIGHT: usize = 68;
const KEPT: usize = 72;
/** The spare row, after the state of four. */
const SPARE: usize = 304;

/** Attention of T queries from startPosition on. out: [T, outStride], q: [T, qStride]. */
export function attention(
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  startPosition: i32,
  tokenCount: i32,
  headCount: i32,
  kvHeadCount: i32,
  headWidth: i32,
  scale: f32,
  scratch: usize,
): void {
  const group = headCount / kvHeadCount;
  const rowBytes = <usize>headWidth << 2;
  const rows = group * tokenCount;
  outStride <<= 2;
  qStride <<= 2;
  for (let kvHead = 0; kvHead < kvHeadCount; kvHead++) {
    // Two rows are as fast one by one, unless vectors are wide.
    const few = WIDE ? 1 : 2;
    let row = 0;
    for (; rows - row > few; row += 4) {
      attendFour(
        out,
        outStride,
        q,
        qStride,
        kv,
        blockStride,
        blockTable,
        startPosition,
        row,
        rows - 1,
        group,
        headWidth,
        scale,
        scratch,
      );
    }
    for (; row < rows; row++) {
      const outRow = rowAt(out, outStride, row, group, rowBytes);
      const qRow = rowAt(q, qStride, row, group, rowBytes);
      const position = startPosition + row / group;
      attendOne(outRow, qRow, kv, blockStride, blockTable, position, headWidth, scale, scratch);
    }
    out += rowBytes * group;
    q += rowBytes * group;
    kv += rowBytes << 5;
  }
}

/** Address of a row of [T][group] heads. */
// @ts-ignore: decorator
@inline
function rowAt(base: usize, stride: usize, row: i32, group: i32, rowBytes: usize): usize {
  const t = row / group;
  return base + stride * t + rowBytes * (row - t * group);
}

/** Rows from `row` on to the `last` of those that share a KV head, at most four. */
function attendFour(
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  startPosition: i32,
  row: i32,
  last: i32,
  group: i32,
  headWidth: i32,
  scale: f32,
  state: usize,
): void {
  const rowBytes = <usize>headWidth << 2;
  const spare = state + SPARE;
  const row1 = row + 1;
  const row2 = min(row + 2, last);
  const row3 = min(row + 3, last);
  const out0 = rowAt(out, outStride, row, group, rowBytes);
  const out1 = rowAt(out, outStride, row1, group, rowBytes);
  const out2 = row + 2 > last ? spare : rowAt(out, outStride, row2, group, rowBytes);
  const out3 = row + 3 > last ? spare : rowAt(out, outStride, row3, group, rowBytes);
  const q0 = rowAt(q, qStride, row, group, rowBytes);
  const q1 = rowAt(q, qStride, row1, group, rowBytes);
  const q2 = rowAt(q, qStride, row2, group, rowBytes);
  const q3 = rowAt(q, qStride, row3, group, rowBytes);
  const p0 = startPosition + row / group;
  const p1 = startPosition + row1 / group;
  const p2 = startPosition + row2 / group;
  const p3 = startPosition + row3 / group;
  startFour(state, out0, out1, out2, out3, headWidth);
  for (let b = 0; b <= p3; b += 16) {
    const keys = kv + <usize>load<i32>(blockTable) * blockStride;
    const n0 = seen(p0, b);
    const n1 = seen(p1, b);
    const n2 = seen(p2, b);
    const n3 = seen(p3, b);
    scoreFour(state, q0, q1, q2, q3, keys, headWidth, scale);
    foldFour(state, out0, out1, out2, out3, keys, headWidth, n0, n1, n2, n3);
    blockTable += 4;
  }
  divideFour(state, out0, out1, out2, out3, headWidth);
}

/** How many tokens of the block from `first` on a query at `position` sees. */
// @ts-ignore: decorator
@inline
function seen(position: i32, first: i32): i32 {
  return max(0, min(16, position - first + 1));
}

function attendOne(
  out: usize,
  q: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  position: i32,
  headWidth: i32,
  scale: f32,
  state: usize,
): void {
  store<f32>(state, -Infinity, LARGEST);
  store<f32>(state, 0, WEIGHT);
  clearRow(out, headWidth);
  for (let first = 0; first <= position; first += 16) {
    const keys = kv + <usize>load<i32>(blockTable) * blockStride;
    const values = keys + (<usize>headWidth << 6);
    const tokens = seen(position, first);
    scoreBlock(state, q, keys, headWidth, scale);
    weighBlock(state, tokens);
    addValues(out, state, values, headWidth, load<f32>(state, KEPT), tokens);
    blockTable += 4;
  }
  divideRow(out, load<f32>(state, WEIGHT), headWidth);
}

/**
 * Turns 16 scores into p = exp(score - largest), and moves the row's largest, weight and kept on.
 */
function weighBlock(state: usize, tokens: i32): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  if (tokens < 16) {
    a = maskAfter(a, tokens);
    b = maskAfter(b, tokens - 4);
    c = maskAfter(c, tokens - 8);
    d = maskAfter(d, tokens - 12);
  }
  const before = load<f32>(state, LARGEST);
  const inBlock = largestOf(a, b, c, d);
  const largest = before < inBlock ? inBlock : before;
  const m = f32x4.splat(largest);
  const kept = exp4(f32x4.splat(before - largest));
  a = exp4(f32x4.sub(a, m));
  b = exp4(f32x4.sub(b, m));
  c = exp4(f32x4.sub(c, m));
  d = exp4(f32x4.sub(d, m));
  v128.store(state, a);
  v128.store(state, b, 16);
  v128.store(state, c, 32);
  v128.store(state, d, 48);
  const sum = f32x4.splat(foldLanes(a, b, c, d));
  const weight = madd(f32x4.splat(load<f32>(state, WEIGHT)), kept, sum);
  store<f32>(state, largest, LARGEST);
  store<f32>(state, f32x4.extract_lane(weight, 0), WEIGHT);
  store<f32>(state, f32x4.extract_lane(kept, 0), KEPT);
}

/** The first `tokens` scores, then -∞. */
function maskAfter(scores: v128, tokens: i32): v128 {
  const isSeen = i32x4.gt_s(i32x4.splat(tokens), i32x4(0, 1, 2, 3));
  return v128.bitselect(scores, f32x4.splat(-Infinity), isSeen);
}
