/**
 * Attention of the rows of one sequence to themselves, and its way back, head by head.
 *
 *   s_j = (q · k_j) · scale for the positions seen      m = max s      e_j = exp(s_j - m)
 *   l = Σ e_j       o = (Σ e_j v_j) · (1 / l)           p_j = e_j · (1 / l)
 *   δ = Σ_d do o    ds_j = (p_j · (do · v_j - δ)) · scale
 *   dq = Σ_j ds_j k_j       dk_j = Σ_queries ds_j q     dv_j = Σ_queries p_j do
 *
 * A sink, a learned score of a head without a value, takes part in m and begins l; of its weight
 * p = exp(sink - m) · (1 / l) its gradient is Σ_queries - p δ, queries in lanes.
 *
 * Sums are chains in ascending order; of keys and values over the heads of a group, then over
 * queries. Letters: T tokens, H heads, K kv heads, W head width.
 */
import { tokenLanes } from './arithmetic.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export interface AttendShape {
  tokenCount: number;
  headCount: number;
  kvHeadCount: number;
  headWidth: number;
  scale: number;
  /** The first position that each query sees, [T]. */
  firsts: Uint32Array;
  /** [H], where heads have one. */
  sinks?: Numbers | undefined;
}

interface Rows {
  q: Numbers; // [T, H, W]
  k: Numbers; // [T, K, W]
  v: Numbers; // [T, K, W]
}

/** Shapes: out [T, H, W]. */
export function attendForward(a: Arithmetic, out: Numbers, rows: Rows, shape: AttendShape): void {
  const { headCount, headWidth } = shape;
  for (let head = 0; head < headCount; head++) {
    for (let t = 0; t < shape.tokenCount; t++) {
      const { e, inverse, first } = weightsOf(a, rows, shape, head, t);
      for (let d = 0; d < headWidth; d++) {
        let sum = 0;
        for (let j = first; j <= t; j++) {
          sum = a.fma(e[j - first]!, rows.v[kvAt(shape, head, j) + d]!, sum);
        }
        out[(t * headCount + head) * headWidth + d] = sum * inverse;
      }
    }
  }
}

/** Writes dq, dk, dv, and dsinks. Shapes: those of q, k, v; out, dOut [T, H, W]; sinks [H]. */
export function attendBackward(
  a: Arithmetic,
  gradients: Rows & { sinks?: Numbers | undefined },
  use: Rows & { out: Numbers; dOut: Numbers },
  shape: AttendShape,
): void {
  gradients.q.fill(0);
  gradients.k.fill(0);
  gradients.v.fill(0);
  const { headCount, headWidth } = shape;
  const scale = a.round(shape.scale);
  const pulls = a.create(shape.tokenCount);
  for (let head = 0; head < headCount; head++) {
    for (let t = 0; t < shape.tokenCount; t++) {
      const { e, inverse, first, sink } = weightsOf(a, use, shape, head, t);
      const at = (t * headCount + head) * headWidth;
      let delta = 0;
      for (let d = 0; d < headWidth; d++) delta = a.fma(use.dOut[at + d]!, use.out[at + d]!, delta);
      pulls[t] = a.round(sink * inverse) * delta;
      for (let j = first; j <= t; j++) {
        const kv = kvAt(shape, head, j);
        const p = a.round(e[j - first]! * inverse);
        let dp = 0;
        for (let d = 0; d < headWidth; d++) dp = a.fma(use.dOut[at + d]!, use.v[kv + d]!, dp);
        const ds = a.round(a.round(p * a.round(dp - delta)) * scale);
        for (let d = 0; d < headWidth; d++) {
          const { q, k, v } = gradients;
          q[at + d] = a.fma(ds, use.k[kv + d]!, q[at + d]!);
          k[kv + d] = a.fma(ds, use.q[at + d]!, k[kv + d]!);
          v[kv + d] = a.fma(p, use.dOut[at + d]!, v[kv + d]!);
        }
      }
    }
    if (gradients.sinks === undefined) continue;
    const subtract = (sum: number, t: number): number => a.round(sum - pulls[t]!);
    gradients.sinks[head] = tokenLanes(a, shape.tokenCount, subtract);
  }
}

/** e_j of a query's seen positions, from `first` on, that of the sink, and 1 / l. */
function weightsOf(
  a: Arithmetic,
  { q, k }: Rows,
  shape: AttendShape,
  head: number,
  t: number,
): { e: Numbers; inverse: number; first: number; sink: number } {
  const { headCount, headWidth, firsts } = shape;
  const scale = a.round(shape.scale);
  const first = firsts[t]!;
  const e = a.create(t - first + 1);
  const at = (t * headCount + head) * headWidth;
  const sinkScore = shape.sinks?.[head] ?? -Infinity;
  let largest = sinkScore;
  for (let j = first; j <= t; j++) {
    const kv = kvAt(shape, head, j);
    let score = 0;
    for (let d = 0; d < headWidth; d++) score = a.fma(q[at + d]!, k[kv + d]!, score);
    e[j - first] = score * scale;
    largest = Math.max(largest, e[j - first]!);
  }
  const sink = a.exp(a.round(sinkScore - largest));
  let sum = sink;
  for (let i = 0; i < e.length; i++) {
    e[i] = a.exp(a.round(e[i]! - largest));
    sum = a.round(sum + e[i]!);
  }
  return { e, inverse: a.round(1 / sum), first, sink };
}

function kvAt({ headCount, kvHeadCount, headWidth }: AttendShape, head: number, j: number): number {
  const kvHead = Math.floor((head * kvHeadCount) / headCount);
  return (j * kvHeadCount + kvHead) * headWidth;
}
