/**
 * Causal attention over the paged KV cache. T tokens, H heads; a row is one query of one head.
 *
 * Each row folds whole blocks of 16 positions in ascending order with an online softmax; positions
 * beyond its query count as -∞ and their values are not read. Rows that share keys run in pairs,
 * which hides the latency of the chains and reads the cache once; no row sees the other's numbers.
 *
 *   scratch   2 rows of   p [16], then largest, weight, kept f32
 */
import { addValues, addValuesTwice, scoreBlock, scoreBlockTwice } from './attention-blocks';
import { exp4 } from './exp';
import { madd } from './fma';
import { foldLanes, largestOf } from './lanes';

/** Bytes of a row's state in scratch, and where its parts are. */
const ROW_BYTES: usize = 80;
const LARGEST: usize = 64;
const WEIGHT: usize = 68;
const KEPT: usize = 72;

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
  for (let kvHead = 0; kvHead < kvHeadCount; kvHead++) {
    for (let row = 0; row < rows; row += 2) {
      const one = row / group;
      const two = min(row + 1, rows - 1) / group;
      const at = <usize>(kvHead * group + row - one * group) * rowBytes;
      const next = <usize>(kvHead * group + min(row + 1, rows - 1) - two * group) * rowBytes;
      attend(
        out + (<usize>one * outStride << 2) + at,
        out + (<usize>two * outStride << 2) + next,
        q + (<usize>one * qStride << 2) + at,
        q + (<usize>two * qStride << 2) + next,
        kv,
        blockStride,
        blockTable,
        startPosition + one,
        row + 1 < rows ? startPosition + two : -1,
        headWidth,
        scale,
        scratch,
      );
    }
    kv += rowBytes << 5;
  }
}

/**
 * Two rows of ascending positions that share a KV head; `positionB` is -1 where there is no
 * second.
 */
function attend(
  outA: usize,
  outB: usize,
  qA: usize,
  qB: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  positionA: i32,
  positionB: i32,
  headWidth: i32,
  scale: f32,
  a: usize,
): void {
  const b = a + ROW_BYTES;
  startRow(a, outA, headWidth);
  if (positionB >= 0) startRow(b, outB, headWidth);
  for (let first = 0; first <= max(positionA, positionB); first += 16) {
    const keys = kv + <usize>load<i32>(blockTable) * blockStride;
    const values = keys + (<usize>headWidth << 6);
    const tokensA = min(16, positionA - first + 1);
    const tokensB = min(16, positionB - first + 1);
    if (tokensA > 0 && tokensB > 0) {
      scoreBlockTwice(a, b, qA, qB, keys, headWidth, scale);
      weighBlock(a, tokensA);
      weighBlock(b, tokensB);
      const keptA = load<f32>(a, KEPT);
      const keptB = load<f32>(b, KEPT);
      addValuesTwice(outA, outB, a, b, values, headWidth, keptA, keptB, tokensA);
      const rest = <usize>tokensA;
      const later = values + rest * (<usize>headWidth << 2);
      if (tokensB > tokensA) {
        addValues(outB, b + (rest << 2), later, headWidth, 1, tokensB - tokensA);
      }
    } else {
      // Only one row reaches this block: the second, or the only one there is.
      const isB = tokensB > 0;
      const state = isB ? b : a;
      const tokens = isB ? tokensB : tokensA;
      scoreBlock(state, isB ? qB : qA, keys, headWidth, scale);
      weighBlock(state, tokens);
      addValues(isB ? outB : outA, state, values, headWidth, load<f32>(state, KEPT), tokens);
    }
    blockTable += 4;
  }
  finishRow(a, outA, headWidth);
  if (positionB >= 0) finishRow(b, outB, headWidth);
}

function startRow(state: usize, out: usize, headWidth: i32): void {
  store<f32>(state, -Infinity, LARGEST);
  store<f32>(state, 0, WEIGHT);
  for (; headWidth > 0; headWidth -= 4) {
    v128.store(out, f32x4.splat(0));
    out += 16;
  }
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

function finishRow(state: usize, out: usize, headWidth: i32): void {
  const weight = v128.load32_splat(state, WEIGHT);
  for (; headWidth > 0; headWidth -= 4) {
    v128.store(out, f32x4.div(v128.load(out), weight));
    out += 16;
  }
}
