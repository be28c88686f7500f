/**
 * Attention's way back, KV head by KV head: weights are computed again from what was kept.
 *
 *   scratch   p, ds    [panels][keys][16 queries]    of one head
 *             pᵀ, dsᵀ  [queries][16 keys]            of one panel of keys
 *
 *   dq[W][16 queries] = Σ_key k · ds
 *   dk[W][16 keys] = Σ_query q · dsᵀ      dv[W][16 keys] = Σ_query do · pᵀ
 */
import { moreBlock, startBlock } from '../generated/train-blocks';
import { madd } from '../fma';
import { recallWeights, scoresOf, sumKeys } from './attend';
import { transposeSquare } from './panels';

/** Writes dq, dk, dv of KV heads [g0, g1). Shapes as on the way forward. */
export function attendBackward(
  dq: usize,
  dk: usize,
  dv: usize,
  q: usize,
  k: usize,
  v: usize,
  out: usize,
  dOut: usize,
  stats: usize,
  firsts: usize,
  panels: i32,
  H: i32,
  KV: i32,
  W: i32,
  scale: f32,
  g0: i32,
  g1: i32,
  scratch: usize, // [2][T][T] and [2][T][16]
): void {
  const square = (<usize>panels * <usize>panels) << 10;
  const p = scratch;
  const ds = p + square;
  const turned = ds + square;
  const group = H / KV;
  const keyBytes = <usize>(KV * W) << 6;
  for (let g = g0; g < g1; g++) {
    const own = <usize>(g * W) << 6;
    for (let i = 0; i < group; i++) {
      const h = g * group + i;
      const kept = stats + (<usize>(h * panels) << 7);
      for (let panel = 0; panel < panels; panel++) {
        const head = <usize>((panel * H + h) * W) << 6;
        const line = (<usize>panel * <usize>panels) << 10;
        queryBack(
          dq + head,
          q + head,
          out + head,
          dOut + head,
          k + own,
          v + own,
          keyBytes,
          kept + (<usize>panel << 7),
          firsts + (<usize>panel << 6),
          panel,
          W,
          scale,
          p + line,
          ds + line,
        );
      }
      const head = <usize>(h * W) << 6;
      keysBack(
        dk + own,
        dv + own,
        q + head,
        dOut + head,
        firsts,
        panels,
        H,
        KV,
        W,
        i > 0,
        p,
        turned,
      );
    }
  }
}

/** One panel of queries: p, ds and dq. */
function queryBack(
  dq: usize,
  q: usize,
  out: usize,
  dOut: usize,
  k: usize,
  v: usize,
  keyBytes: usize,
  kept: usize,
  firsts: usize,
  panel: i32,
  W: i32,
  scale: f32,
  p: usize,
  ds: usize,
): void {
  const start = load<i32>(firsts) >> 4;
  const from = <usize>start << 10;
  const count = (panel - start + 1) << 4;
  scoresOf(p + from, q, k, keyBytes, start, panel, W);
  recallWeights(p + from, kept, firsts, start, panel, scale);
  scoresOf(ds + from, dOut, v, keyBytes, start, panel, W);
  const factor = f32x4.splat(scale);
  for (let lane: usize = 0; lane < 64; lane += 16) {
    let delta = f32x4.splat(0);
    for (let d = 0; d < W; d++) {
      const at = (<usize>d << 6) + lane;
      delta = madd(v128.load(dOut + at), v128.load(out + at), delta);
    }
    let at = from + lane;
    for (let j = 0; j < count; j++) {
      const slope = f32x4.sub(v128.load(ds + at), delta);
      v128.store(ds + at, f32x4.mul(f32x4.mul(v128.load(p + at), slope), factor));
      at += 64;
    }
  }
  sumKeys(dq, k + <usize>start * keyBytes, keyBytes, ds + from, count, W);
}

/** One head's share of dk and dv, panel of keys by panel of keys. */
function keysBack(
  dk: usize,
  dv: usize,
  q: usize,
  dOut: usize,
  firsts: usize,
  panels: i32,
  H: i32,
  KV: i32,
  W: i32,
  adds: boolean,
  p: usize,
  turned: usize,
): void {
  const square = (<usize>panels * <usize>panels) << 10;
  const turnedDs = turned + (<usize>panels << 10);
  const queryBytes = <usize>(H * W) << 6;
  for (let keys = 0; keys < panels; keys++) {
    let count = 0;
    for (let panel = keys; panel < panels; panel++) {
      if (load<i32>(firsts + (<usize>panel << 6)) >> 4 > keys) break;
      const at = p + ((<usize>panel * <usize>panels + <usize>keys) << 10);
      transposeSquare(turned + (<usize>count << 6), at, 16);
      transposeSquare(turnedDs + (<usize>count << 6), at + square, 16);
      count += 16;
    }
    const first = <usize>keys * queryBytes;
    const target = <usize>(keys * KV * W) << 6;
    sumQueries(dv + target, dOut + first, queryBytes, turned, count, W, adds);
    sumQueries(dk + target, q + first, queryBytes, turnedDs, count, W, adds);
  }
}

function sumQueries(
  c: usize,
  a: usize,
  queryBytes: usize,
  b: usize,
  count: i32,
  W: i32,
  adds: boolean,
): void {
  const jump = queryBytes - 64;
  for (let d = 0; d < W; d += 6) {
    const at = <usize>d << 6;
    const rows = min(6, W - d);
    if (adds) moreBlock(rows, c + at, 64, a + at, 64, 4, b, count, 16, jump);
    else startBlock(rows, c + at, 64, a + at, 64, 4, b, count, 16, jump);
  }
}
