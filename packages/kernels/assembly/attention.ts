/**
 * Causal attention over the paged KV cache. T tokens, H heads; a row is one query of one head.
 *
 * Each row folds whole blocks of 16 positions in ascending order with an online softmax, from the
 * block of the first position it sees; positions that it does not see count as -∞ and their values
 * are not read. Rows that share keys run four at a time; absent rows of the last four repeat the
 * last one into a spare row.
 *
 *   scratch   of a row   p [16], then largest, weight, kept; at 128 p of the block after
 *             of four    p [4][16], then largest, weight, kept [4] | spare row [headWidth], all f32
 *             | one head of a KV block as f32, where its type is another
 *   lanes     the positions of a block that a row sees, one bit each
 */
import { scoreFour } from './attention-blocks';
import { divideFour, foldFour, startFour, startWithSink } from './attention-four';
import { attendRest } from './attention-rows';
import { firstSeen, rowAt, seen, sinkOf, SPARE } from './attention-mask';
import { kvAsF32, kvHeadBytes } from './kv-types';

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
  let row = 0;
  for (; rows - row > 2; row += 4) {
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
  attendRest(
    out,
    outStride,
    q,
    qStride,
    kv,
    blockStride,
    blockTable,
    startPosition,
    row,
    rows,
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
