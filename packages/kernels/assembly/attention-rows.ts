/**
 * Attention of the last one or two rows that share a KV head; the bits are those of a row alone.
 *
 *   state   p [16], then largest, weight, kept; at 128 the state of the second row, or of a row
 *           alone p of the block after
 */
import { addTwoValues, addValues, clearRow, divideRow, scoreBlock } from './attention-blocks';
import { scoreTwoBlocks, scoreTwoRows } from './attention-blocks';
import { firstSeen, rowAt, seen, sinkOf, SPARE } from './attention-mask';
import { exp4 } from './exp';
import { madd } from './fma';
import { KV_F32, kvAsF32 } from './kv-types';
import { foldLanes, largestOf } from './lanes';

/** Where the parts of a row's state are. */
const LARGEST: usize = 64;
const WEIGHT: usize = 68;
const KEPT: usize = 72;
/** The scores of the block after, or the state of the second of two rows. */
const LATER: usize = 128;

/** Rows from `row` on to the end, at most two; strides in bytes. */
export function attendRest(
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  startPosition: i32,
  row: i32,
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
  if (rows - row === 2) {
    const to0 = rowAt(out, outStride, row, group, rowBytes);
    const to1 = rowAt(out, outStride, row + 1, group, rowBytes);
    const from0 = rowAt(q, qStride, row, group, rowBytes);
    const from1 = rowAt(q, qStride, row + 1, group, rowBytes);
    const p0 = startPosition + row / group;
    const p1 = startPosition + (row + 1) / group;
    const f0 = firstSeen(p0, windowTokens, isChunk);
    const f1 = firstSeen(p1, windowTokens, isChunk);
    startOne(scratch, sinkOf(sinks, row, group));
    startOne(scratch + LATER, sinkOf(sinks, row + 1, group));
    attendTwo(
      to0,
      to1,
      from0,
      from1,
      kv,
      blockStride,
      blockTable,
      f0,
      f1,
      p0,
      p1,
      headWidth,
      scale,
      kvType,
      scratch,
    );
  } else if (row < rows) {
    const to = rowAt(out, outStride, row, group, rowBytes);
    const from = rowAt(q, qStride, row, group, rowBytes);
    const p = startPosition + row / group;
    const first = firstSeen(p, windowTokens, isChunk);
    startOne(scratch, sinkOf(sinks, row, group));
    attendOne(to, from, kv, blockStride, blockTable, first, p, headWidth, scale, kvType, scratch);
  }
}

/** What one row begins with. */
function startOne(state: usize, sink: usize): void {
  store<f32>(state, sink === 0 ? -f32.MAX_VALUE : load<f32>(sink), LARGEST);
  store<f32>(state, sink === 0 ? 0 : 1, WEIGHT);
}

/** Two rows that share a KV head, of positions p0 ≤ p1. */
function attendTwo(
  out0: usize,
  out1: usize,
  q0: usize,
  q1: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  f0: i32,
  f1: i32,
  p0: i32,
  p1: i32,
  headWidth: i32,
  scale: f32,
  kvType: i32,
  state: usize,
): void {
  const other = state + LATER;
  const expanded = state + SPARE + (<usize>headWidth << 2);
  clearRow(out0, headWidth);
  clearRow(out1, headWidth);
  for (let b = f0 & -16; b <= p1; b += 16) {
    const block = load<i32>(blockTable + (<usize>b >> 2));
    const keys = kvAsF32(kvType, expanded, kv + <usize>block * blockStride, headWidth);
    scoreTwoRows(state, other, q0, q1, keys, headWidth, scale);
    const lanes0 = seen(f0, p0, b);
    const lanes1 = seen(f1, p1, b);
    if (lanes0 !== lanes1) {
      foldOne(out0, state, state, keys, headWidth, lanes0);
      foldOne(out1, other, other, keys, headWidth, lanes1);
      continue;
    }
    weighBlock(state, state, lanes0);
    weighBlock(other, other, lanes1);
    const values = keys + (<usize>headWidth << 6);
    const kept0 = load<f32>(state, KEPT);
    const kept1 = load<f32>(other, KEPT);
    addTwoValues(out0, out1, state, other, values, headWidth, kept0, kept1, lanes0);
  }
  divideRow(out0, load<f32>(state, WEIGHT), headWidth);
  divideRow(out1, load<f32>(other, WEIGHT), headWidth);
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
  let b = first & -16;
  if (kvType === KV_F32) {
    for (; b + 16 <= position; b += 32) {
      const table = blockTable + (<usize>b >> 2);
      const keys = kv + <usize>load<i32>(table) * blockStride;
      const later = kv + <usize>load<i32>(table, 4) * blockStride;
      scoreTwoBlocks(state, state + LATER, q, keys, later, headWidth, scale);
      foldOne(out, state, state, keys, headWidth, seen(first, position, b));
      foldOne(out, state, state + LATER, later, headWidth, seen(first, position, b + 16));
    }
  }
  for (; b <= position; b += 16) {
    const block = load<i32>(blockTable + (<usize>b >> 2));
    const keys = kvAsF32(kvType, expanded, kv + <usize>block * blockStride, headWidth);
    scoreBlock(state, q, keys, headWidth, scale);
    foldOne(out, state, state, keys, headWidth, seen(first, position, b));
  }
  divideRow(out, load<f32>(state, WEIGHT), headWidth);
}

/** Folds the scores p of a block into a row. */
function foldOne(
  out: usize,
  state: usize,
  p: usize,
  keys: usize,
  headWidth: i32,
  lanes: i32,
): void {
  weighBlock(state, p, lanes);
  addValues(out, p, keys + (<usize>headWidth << 6), headWidth, load<f32>(state, KEPT), lanes);
}

/**
 * Turns 16 scores into p = exp(score - largest), and moves the row's largest, weight and kept on.
 */
function weighBlock(state: usize, p: usize, lanes: i32): void {
  let a = v128.load(p);
  let b = v128.load(p, 16);
  let c = v128.load(p, 32);
  let d = v128.load(p, 48);
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
  v128.store(p, a);
  v128.store(p, b, 16);
  v128.store(p, c, 32);
  v128.store(p, d, 48);
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
