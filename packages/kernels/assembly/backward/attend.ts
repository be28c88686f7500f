/**
 * Attention of one sequence's rows to themselves: 16 queries side by side, head by head.
 *
 *   scratch   e [keys][16]: scores of a panel of queries, then exp(score - m)
 *   stats     m and 1 / Σ of each head and query, [H][panels][2][16]
 *
 * A sink, a learned score of a head without a value, is where the softmax begins: m = sink, Σ = 1.
 *
 * q, out: [panels][H · W][16]; k, v: [panels][K · W][16]; firsts: i32, the first position that each
 * query sees, never falling. Keys come panel by panel, from that of the first query's first on.
 */
import { startBlock } from '../generated/train-blocks';
import { exp4 } from '../exp';

/** Heads [h0, h1) of out = Σ p v. */
export function attendForward(
  out: usize,
  q: usize,
  k: usize,
  v: usize,
  stats: usize,
  firsts: usize,
  sinks: usize, // [H], 0: none
  panels: i32,
  H: i32,
  KV: i32,
  W: i32,
  scale: f32,
  h0: i32,
  h1: i32,
  scratch: usize,
): void {
  const keyBytes = <usize>(KV * W) << 6;
  for (let h = h0; h < h1; h++) {
    const sink = sinks === 0 ? 0 : sinks + (<usize>h << 2);
    const own = <usize>((h * KV) / H * W) << 6;
    for (let p = 0; p < panels; p++) {
      const start = load<i32>(firsts + (<usize>p << 6)) >> 4;
      const query = q + (<usize>((p * H + h) * W) << 6);
      const kept = stats + (<usize>(h * panels + p) << 7);
      scoresOf(scratch, query, k + own, keyBytes, start, p, W);
      weighScores(scratch, kept, firsts + (<usize>p << 6), sink, start, p, scale);
      const target = out + (<usize>((p * H + h) * W) << 6);
      const values = v + own + <usize>start * keyBytes;
      sumKeys(target, values, keyBytes, scratch, (p - start + 1) << 4, W);
      scaleRows(target, kept + 64, W);
    }
  }
}

/** e[key][16] = q · k of the keys of panels [start, p], unscaled. */
export function scoresOf(
  e: usize,
  query: usize,
  k: usize,
  keyBytes: usize,
  start: i32,
  p: i32,
  W: i32,
): void {
  for (let panel = start; panel <= p; panel++) {
    const keys = k + <usize>panel * keyBytes;
    startBlock(6, e, 64, keys, 4, 64, query, W, W, 0);
    startBlock(6, e + 384, 64, keys + 24, 4, 64, query, W, W, 0);
    startBlock(4, e + 768, 64, keys + 48, 4, 64, query, W, W, 0);
    e += 1024;
  }
}

/** c[W][16] = Σ_key a[W][key] · e[key][16], a in panels. */
export function sumKeys(
  c: usize,
  a: usize,
  keyBytes: usize,
  e: usize,
  count: i32,
  W: i32,
): void {
  const jump = keyBytes - 64;
  for (let d = 0; d < W; d += 6) {
    const at = <usize>d << 6;
    startBlock(min(6, W - d), c + at, 64, a + at, 64, 4, e, count, 16, jump);
  }
}

/** Scores become exp(s · scale - m); m and 1 / Σ are kept. sink: its address, 0: none. */
function weighScores(
  e: usize,
  kept: usize,
  firsts: usize,
  sink: usize,
  start: i32,
  p: i32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const count = (p - start + 1) << 4;
  for (let lane: usize = 0; lane < 64; lane += 16) {
    maskScores(e + lane, firsts + lane, start << 4, count, (p << 4) + <i32>(lane >> 2), factor);
    let m = v128.load(e + lane);
    for (let j = 1; j < count; j++) m = f32x4.pmax(m, v128.load(e + lane + (<usize>j << 6)));
    let sum = f32x4.splat(0);
    if (sink !== 0) {
      const score = v128.load32_splat(sink);
      m = f32x4.pmax(score, m);
      sum = exp4(f32x4.sub(score, m));
    }
    for (let j = 0; j < count; j++) {
      const at = e + lane + (<usize>j << 6);
      const weight = exp4(f32x4.sub(v128.load(at), m));
      v128.store(at, weight);
      sum = f32x4.add(sum, weight);
    }
    v128.store(kept + lane, m);
    v128.store(kept + lane, f32x4.div(f32x4.splat(1), sum), 64);
  }
}

/** Scales the scores of four queries; those of keys that they do not see become -∞. */
function maskScores(
  e: usize,
  firsts: usize,
  key0: i32,
  count: i32,
  query0: i32,
  factor: v128,
): void {
  const first = v128.load(firsts);
  const query = i32x4.add(i32x4.splat(query0), i32x4(0, 1, 2, 3));
  const never = f32x4.splat(-Infinity);
  const plainFrom = load<i32>(firsts, 12); // firsts never fall
  for (let j = 0; j < count; j++) {
    const key = key0 + j;
    const score = f32x4.mul(v128.load(e), factor);
    if (key >= plainFrom && key <= query0) v128.store(e, score);
    else {
      const at = i32x4.splat(key);
      const isSeen = v128.and(i32x4.le_s(at, query), i32x4.ge_s(at, first));
      v128.store(e, v128.bitselect(score, never, isSeen));
    }
    e += 64;
  }
}

/** c[W][16] *= factors[16]. */
function scaleRows(c: usize, factors: usize, W: i32): void {
  for (let d = 0; d < W; d++) {
    for (let lane: usize = 0; lane < 64; lane += 16) {
      v128.store(c + lane, f32x4.mul(v128.load(c + lane), v128.load(factors + lane)));
    }
    c += 64;
  }
}

/** p[key][16] = exp(s · scale - m) · (1 / Σ), from what the way forward kept. */
export function recallWeights(
  e: usize,
  kept: usize,
  firsts: usize,
  start: i32,
  p: i32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const count = (p - start + 1) << 4;
  for (let lane: usize = 0; lane < 64; lane += 16) {
    maskScores(e + lane, firsts + lane, start << 4, count, (p << 4) + <i32>(lane >> 2), factor);
    const m = v128.load(kept + lane);
    const inverse = v128.load(kept + lane, 64);
    for (let j = 0; j < count; j++) {
      const at = e + lane + (<usize>j << 6);
      v128.store(at, f32x4.mul(exp4(f32x4.sub(v128.load(at), m)), inverse));
    }
  }
}
