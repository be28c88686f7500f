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
import { addTo, at, dot, multiply, normalize, softmax } from './double-math.ts';
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
  const seen = past.keys
    .map((_, source) => source)
    .filter((source) =>
      sees(does.sees, { position, source, windowTokens: spec.attention.windowTokens }),
    );
  const mixed = new Float64Array(headCount * headWidth);
  for (let head = 0; head < headCount; head++) {
    const query = headOf(q, head, headWidth);
    const kvHead = Math.floor((head * kvHeadCount) / headCount);
    const keyed = (source: number): Vector =>
      headOf(past.keys[source] as Vector, kvHead, headWidth);
    const scores = seen.map((source) => dot(query, keyed(source)) / Math.sqrt(headWidth));
    const shares = softmax(layer.sinks ? [...scores, at(layer.sinks, head)] : scores);
    seen.forEach((source, index) => {
      const value = headOf(past.values[source] as Vector, kvHead, headWidth);
      addTo(
        headOf(mixed, head, headWidth),
        value.map((element) => element * (shares[index] as number)),
      );
    });
  }
  return multiply(layer.o, mixed);
}

/** Whether a query at `position` sees the key at `source`, which is not after it. */
function sees(
  kind: LayerSpec['sees'],
  at: { position: number; source: number; windowTokens: number },
): boolean {
  const { position, source, windowTokens } = at;
  if (kind === 'window') return position - source < windowTokens;
  if (kind === 'chunk') {
    return Math.floor(position / windowTokens) === Math.floor(source / windowTokens);
  }
  return true;
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
