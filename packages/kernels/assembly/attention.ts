/**
 * Causal attention over the paged KV cache, one query and head at a time. T tokens, H heads.
 *
 * Whole blocks of 16 positions are folded in ascending order with an online softmax; tokens beyond the
 * query count as -∞ and their values are not read.
 *
 *   scratch   p [16] f32
 */
import { exp1, exp4 } from './exp';
import { madd } from './fma';
import { foldLanes, largestOf } from './lanes';

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
  for (let t = 0; t < tokenCount; t++) {
    for (let head = 0; head < headCount; head++) {
      const at = <usize>head * rowBytes;
      const keys = kv + <usize>(head / group) * (rowBytes << 5);
      const position = startPosition + t;
      attend(out + at, q + at, keys, blockStride, blockTable, position, headWidth, scale, scratch);
    }
    out += outStride << 2;
    q += qStride << 2;
  }
}

function attend(
  out: usize,
  q: usize,
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  position: i32,
  headWidth: i32,
  scale: f32,
  p: usize,
): void {
  const rowBytes = <usize>headWidth << 2;
  let largest: f32 = -Infinity;
  let weight: f32 = 0;
  for (let d: usize = 0; d < rowBytes; d += 16) v128.store(out + d, f32x4.splat(0));
  for (let first = 0; first <= position; first += 16) {
    const keys = kv + <usize>load<i32>(blockTable) * blockStride;
    const tokens = min(16, position - first + 1);
    scoreBlock(p, q, keys, headWidth, scale, tokens);
    const before = largest;
    largest = largestScore(p, largest);
    const kept = exp1(before - largest);
    weight = weigh(p, largest, weight, kept);
    addValues(out, p, keys + (rowBytes << 4), headWidth, kept, tokens);
    blockTable += 4;
  }
  const divisor = f32x4.splat(weight);
  for (let d: usize = 0; d < rowBytes; d += 16) {
    v128.store(out + d, f32x4.div(v128.load(out + d), divisor));
  }
}

/** Scaled scores of 16 tokens; those beyond the query are -∞. */
function scoreBlock(p: usize, q: usize, k: usize, headWidth: i32, scale: f32, tokens: i32): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; headWidth > 0; headWidth--) {
    const s = v128.load32_splat(q);
    a = madd(v128.load(k), s, a);
    b = madd(v128.load(k, 16), s, b);
    c = madd(v128.load(k, 32), s, c);
    d = madd(v128.load(k, 48), s, d);
    q += 4;
    k += 64;
  }
  const factor = f32x4.splat(scale);
  v128.store(p, f32x4.mul(a, factor));
  v128.store(p, f32x4.mul(b, factor), 16);
  v128.store(p, f32x4.mul(c, factor), 32);
  v128.store(p, f32x4.mul(d, factor), 48);
  for (; tokens < 16; tokens++) store<f32>(p + (<usize>tokens << 2), -Infinity);
}

function largestScore(p: usize, before: f32): f32 {
  const inBlock = largestOf(v128.load(p), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48));
  return before < inBlock ? inBlock : before;
}

/** p = exp(p - largest); returns weight · kept + Σ p. */
function weigh(p: usize, largest: f32, weight: f32, kept: f32): f32 {
  const m = f32x4.splat(largest);
  const a = exp4(f32x4.sub(v128.load(p), m));
  const b = exp4(f32x4.sub(v128.load(p, 16), m));
  const c = exp4(f32x4.sub(v128.load(p, 32), m));
  const d = exp4(f32x4.sub(v128.load(p, 48), m));
  v128.store(p, a);
  v128.store(p, b, 16);
  v128.store(p, c, 32);
  v128.store(p, d, 48);
  const sum = madd(f32x4.splat(weight), f32x4.splat(kept), f32x4.splat(foldLanes(a, b, c, d)));
  return f32x4.extract_lane(sum, 0);
}

/** out = out · kept, then + p · v per token, in ascending order. */
function addValues(
  out: usize,
  p: usize,
  v: usize,
  headWidth: i32,
  kept: f32,
  tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const factor = f32x4.splat(kept);
  const end = p + (<usize>tokens << 2);
  for (; headWidth >= 16; headWidth -= 16) {
    let a = f32x4.mul(v128.load(out), factor);
    let b = f32x4.mul(v128.load(out, 16), factor);
    let c = f32x4.mul(v128.load(out, 32), factor);
    let d = f32x4.mul(v128.load(out, 48), factor);
    let row = v;
    for (let at = p; at < end; at += 4) {
      const s = v128.load32_splat(at);
      a = madd(s, v128.load(row), a);
      b = madd(s, v128.load(row, 16), b);
      c = madd(s, v128.load(row, 32), c);
      d = madd(s, v128.load(row, 48), d);
      row += rowBytes;
    }
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
    v += 64;
  }
  for (; headWidth > 0; headWidth -= 4) {
    let a = f32x4.mul(v128.load(out), factor);
    let row = v;
    for (let at = p; at < end; at += 4) {
      a = madd(v128.load32_splat(at), v128.load(row), a);
      row += rowBytes;
    }
    v128.store(out, a);
    out += 16;
    v += 16;
  }
}
