/**
 * Attention of one token in double precision: grouped heads, with all that families add to it.
 *
 * The order follows the published models: heads of q and k are normed with gains and then rotated
 * (Qwen 3), or rotated and then normed without (Llama 4); what a query does not see takes no part
 * in its softmax; a sink takes its share of it and gives nothing (GPT-OSS).
 *
 * Source: Ainslie et al. 2023 (grouped heads); Jiang et al. 2023 (sliding windows); Llama 4's and
 * Qwen 3's modeling files in transformers; Agarwal et al. 2025 (GPT-OSS: sinks, windows);
 * Nakanishi 2025 (scalable softmax: the temperature); Yang et al. 2025 (layers without positions).
 */
import type { LayerSpec, ModelSpec } from '@wafer/core';
import { at, multiply, normalize, softmax } from './double-math.ts';
import type { Vector } from './double-math.ts';
import { rotateDouble } from './double-rope.ts';
import type { DoubleLayer } from './double-weights.ts';

/** Keys and values of one layer so far: [T] of [K, headWidth]. */
export interface Past {
  keys: Vector[];
  values: Vector[];
}

/** What attention adds for a normed token; its key and value join the past. */
export function attendDouble(
  { spec, layer, does }: { spec: ModelSpec; layer: DoubleLayer; does: LayerSpec },
  x: Vector,
  past: Past,
): Vector {
  const { headCount, kvHeadCount, headWidth } = spec;
  const position = past.keys.length;
  const q = multiply(layer.q, x); // [H, headWidth]
  const k = multiply(layer.k, x); // [K, headWidth]
  for (const [heads, gains] of [
    [q, layer.queryNorm],
    [k, layer.keyNorm],
  ] as const) {
    placeHeads(spec, does, { heads, gains, position });
  }
  if (!does.isRotated) heatQuery(spec, q, position);
  past.keys.push(k);
  past.values.push(multiply(layer.v, x));
  const mixed = new Float64Array(headCount * headWidth);
  const first = firstSeen(does.sees, { position, windowTokens: spec.attention.windowTokens });
  for (let head = 0; head < headCount; head++) {
    const kvHead = Math.floor((head * kvHeadCount) / headCount);
    mixHead(
      { keys: past.keys.slice(first), values: past.values.slice(first) },
      { query: headOf(q, head, headWidth), target: headOf(mixed, head, headWidth) },
      { start: kvHead * headWidth, sink: layer.sinks ? at(layer.sinks, head) : undefined },
    );
  }
  return multiply(layer.o, mixed);
}

/** The softmax of a query's scores, and the values it mixes, from element `start` of each token. */
function mixHead(
  { keys, values }: Past,
  { query, target }: { query: Vector; target: Vector },
  { start, sink }: { start: number; sink: number | undefined },
): void {
  const width = query.length;
  const scores = keys.map((key) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (query[i] as number) * (key[start + i] as number);
    return sum / Math.sqrt(width);
  });
  const shares = softmax(sink === undefined ? scores : [...scores, sink]);
  values.forEach((value, source) => {
    const share = shares[source] as number;
    for (let i = 0; i < width; i++) {
      target[i] = (target[i] as number) + share * (value[start + i] as number);
    }
  });
}

/** The first position that a query sees; it sees all from there up to its own. */
function firstSeen(
  kind: LayerSpec['sees'],
  { position, windowTokens }: { position: number; windowTokens: number },
): number {
  if (kind === 'window') return Math.max(0, position + 1 - windowTokens);
  return kind === 'chunk' ? position - (position % windowTokens) : 0;
}

/** Norms and rotates heads in place. */
function placeHeads(
  spec: ModelSpec,
  does: LayerSpec,
  token: { heads: Vector; gains: Vector | undefined; position: number },
): void {
  const { headWidth, rope, normEpsilon, attention } = spec;
  const { heads, gains, position } = token;
  const norm = (): void => {
    for (let start = 0; start < heads.length; start += headWidth) {
      const head = heads.subarray(start, start + headWidth);
      head.set(normalize(head, normEpsilon, gains));
    }
  };
  if (attention.queryKeyNorm === 'learned') norm();
  if (!does.isRotated) return;
  rotateDouble(heads, { rope, headWidth, position });
  if (attention.queryKeyNorm === 'unit') norm();
}

/** Scales a query without a rotation up, the later it comes. */
function heatQuery(spec: ModelSpec, q: Vector, position: number): void {
  const { temperature } = spec.attention;
  if (temperature === undefined) return;
  const { scale, floorTokens } = temperature;
  const heat = 1 + scale * Math.log(1 + Math.floor((position + 1) / floorTokens));
  for (let i = 0; i < q.length; i++) q[i] = at(q, i) * heat;
}

function headOf(heads: Vector, head: number, headWidth: number): Vector {
  return heads.subarray(head * headWidth, (head + 1) * headWidth);
}
