/**
 * Causal attention over the paged KV cache. T tokens, H heads; a row is one query of one head.
 *
 * Each row folds whole blocks of 16 positions in ascending order with an online softmax, from the
 * block of the first position it sees; positions that it does not see count as -∞ and their values
 * are not read. Rows that share keys run four at a time; absent rows of the last four repeat the
 * last one into a spare row.
 *
 *   scratch   of a row   p [16], then largest, weight, kept
 *             of four    p [4][16], then largest, weight, kept [4] | spare row [headWidth], all f32
 *             | one head of a KV block as f32, where its type is another
 *   lanes     the positions of a block that a row sees, one bit each
 */
import { addValues, clearRow, divideRow, scoreBlock, scoreFour } from './attention-blocks';
import { divideFour, foldFour, startFour, startWithSink } from './attention-four';
import { exp4 } from './exp';
import { madd } from './fma';
import { foldLanes, largestOf } from './lanes';
import { kvAsF32, kvHeadBytes } from './kv-types';
import { WIDE } from './wide';

/** Where the parts of a row's state are. */
const LARGEST: usize = 64;
const WEIGHT: usize = 68;
const KEPT: usize = 72;
/** The spare row, after the state of four. */
const SPARE: usize = 304;

/**
 * Attention of T queries from startPosition on. out: [T, outStride], q: [T, qStride]. A query sees
 * all (windowTokens 0), a window, or a chunk; sinks: [H], or 0 for none.
 */
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
  windowTokens: i32,
  isChunk: i32,
  sinks: usize,
  kvType: i32,
  scratch: usize,
): void {
  const group = headCount / kvHeadCount;
  const groupBytes = <usize>(group * headWidth) << 2;
  for (let kvHead = 0; kvHead < kvHeadCount; kvHead++) {
    attendRows(
      out,
      outStride << 2,
      q,
      qStride << 2,
      kv,
      blockStride,
      blockTable,
      startPosition,
      group * tokenCount,
      group,
      headWidth,
      scale,
      windowTokens,
      isChunk,
      sinks,
      kvType,
      scratch,
    );
    out += groupBytes;
    q += groupBytes;
    kv += kvHeadBytes(kvType, headWidth);
    if (sinks !== 0) sinks += <usize>group << 2;
  }
}

/** All rows of one KV head; strides in bytes. */
function attendRows(
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  startPosition: i32,
  rows: i32,
  group: i32,
  headWidth: i32,
  scale: f32,
  windowTokens: i32,
  isChunk: i32,
  sinks: usize,
  kvType: i32,
  scratch: usize,
): void {
  const rowBytes = <usize>headWidth << 2;
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
      windowTokens,
      isChunk,
      sinks,
      kvType,
      scratch,
    );
  }
  for (; row < rows; row++) {
    const to = rowAt(out, outStride, row, group, rowBytes);
    const from = rowAt(q, qStride, row, group, rowBytes);
    const p = startPosition + row / group;
    const first = firstSeen(p, windowTokens, isChunk);
    startOne(scratch, sinkOf(sinks, row, group));
    attendOne(to, from, kv, blockStride, blockTable, first, p, headWidth, scale, kvType, scratch);
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
  windowTokens: i32,
  isChunk: i32,
  sinks: usize,
  kvType: i32,
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
  const f0 = firstSeen(p0, windowTokens, isChunk);
  const f1 = firstSeen(p1, windowTokens, isChunk);
  const f2 = firstSeen(p2, windowTokens, isChunk);
  const f3 = firstSeen(p3, windowTokens, isChunk);
  startFour(state, out0, out1, out2, out3, headWidth);
  if (sinks !== 0) {
    startWithSink(state, sinkOf(sinks, row, group));
    startWithSink(state + 4, sinkOf(sinks, row1, group));
    startWithSink(state + 8, sinkOf(sinks, row2, group));
    startWithSink(state + 12, sinkOf(sinks, row3, group));
  }
  for (let b = f0 & -16; b <= p3; b += 16) {
    const block = load<i32>(blockTable + (<usize>b >> 2));
    const keys = kvAsF32(kvType, spare + rowBytes, kv + <usize>block * blockStride, headWidth);
    scoreFour(state, q0, q1, q2, q3, keys, headWidth, scale);
    const n0 = seen(f0, p0, b);
    const n1 = seen(f1, p1, b);
    const n2 = seen(f2, p2, b);
    const n3 = seen(f3, p3, b);
    foldFour(state, out0, out1, out2, out3, keys, headWidth, n0, n1, n2, n3);
  }
  divideFour(state, out0, out1, out2, out3, headWidth);
}

/** The first position that a query sees. */
// @ts-ignore: decorator
@inline
function firstSeen(position: i32, windowTokens: i32, isChunk: i32): i32 {
  if (windowTokens === 0) return 0;
  return isChunk !== 0 ? position - (position % windowTokens) : max(0, position - windowTokens + 1);
}

/** The lanes of the block from `b` on that a query at `position` sees, from `first` on. */
// @ts-ignore: decorator
@inline
function seen(first: i32, position: i32, b: i32): i32 {
  const upTo = 0xffff >> max(0, min(16, 15 - position + b));
  return upTo & (0xffff << max(0, min(16, first - b)));
}

/** Address of the sink of a row's head; 0 without sinks. */
// @ts-ignore: decorator
@inline
function sinkOf(sinks: usize, row: i32, group: i32): usize {
  return sinks === 0 ? 0 : sinks + (<usize>(row % group) << 2);
}

/** What one row begins with. */
function startOne(state: usize, sink: usize): void {
  store<f32>(state, sink === 0 ? -f32.MAX_VALUE : load<f32>(sink), LARGEST);
  store<f32>(state, sink === 0 ? 0 : 1, WEIGHT);
}

function attendOne(
  out: usize,
  q: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  first: i32,
  position: i32,
  headWidth: i32,
  scale: f32,
  kvType: i32,
  state: usize,
): void {
  const expanded = state + SPARE + (<usize>headWidth << 2);
  clearRow(out, headWidth);
  for (let b = first & -16; b <= position; b += 16) {
    const block = load<i32>(blockTable + (<usize>b >> 2));
    const keys = kvAsF32(kvType, expanded, kv + <usize>block * blockStride, headWidth);
    const values = keys + (<usize>headWidth << 6);
    const lanes = seen(first, position, b);
    scoreBlock(state, q, keys, headWidth, scale);
    weighBlock(state, lanes);
    addValues(out, state, values, headWidth, load<f32>(state, KEPT), lanes);
  }
  divideRow(out, load<f32>(state, WEIGHT), headWidth);
}

/**
 * Turns 16 scores into p = exp(score - largest), and moves the row's largest, weight and kept on.
 */
function weighBlock(state: usize, lanes: i32): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  if (lanes !== 0xffff) {
    a = maskHidden(a, lanes);
    b = maskHidden(b, lanes >> 4);
    c = maskHidden(c, lanes >> 8);
    d = maskHidden(d, lanes >> 12);
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

/** Scores of lanes that are not seen become -∞. */
function maskHidden(scores: v128, lanes: i32): v128 {
  const isSeen = i32x4.ne(v128.and(i32x4.splat(lanes), i32x4(1, 2, 4, 8)), i32x4.splat(0));
  return v128.bitselect(scores, f32x4.splat(-Infinity), isSeen);
}
