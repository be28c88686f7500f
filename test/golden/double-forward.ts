/**
 * The forward pass of every family in double precision, written from published definitions.
 *
 * Plain nested loops over Float64Array, one token after the other; no op of the project is used,
 * only the bytes of its weights, which are expanded here again. So an error in an op, a kernel or
 * a plan cannot hide in both. It rounds 2^29 times finer than the wafer: the difference is the
 * wafer's.
 *
 * Source: Touvron et al. 2023 (the network); the modeling file of GLM-4 in transformers (norms
 * after attention and feed-forward). Parts name their own.
 */
import { layerOf } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { attendDouble } from './double-attention.ts';
import type { Past } from './double-attention.ts';
import { feedForwardDouble, newTrace } from './double-experts.ts';
import type { DoubleTrace } from './double-experts.ts';
import { addTo, multiply, normalize } from './double-math.ts';
import type { Vector } from './double-math.ts';
import type { DoubleLayer, DoubleWeights } from './double-weights.ts';

export { newTrace } from './double-experts.ts';
export { readDoubleWeights } from './double-weights.ts';
export type { DoubleTrace } from './double-experts.ts';
export type { DoubleWeights } from './double-weights.ts';

/**
 * How far a logit of a wafer may be off. Measured over all families, weight types and layouts:
 * 6.4e-6 at worst, of logits up to 5, as f32 rounding (6e-8 of each value) adds up over some
 * hundred operations from embedding to logits. Six times that leaves room for other processors,
 * and is still 50 times below the smallest effect of a wrong option, as tests show.
 */
export const DOUBLE_TOLERANCE = 4e-5;

/** Logits after each token. Shapes: [T] of [V]. */
export function forwardDouble(
  spec: ModelSpec,
  weights: DoubleWeights,
  tokens: readonly number[],
  trace: DoubleTrace = newTrace(),
): Vector[] {
  const head = { rows: weights.head, bias: undefined };
  return hiddenDouble(spec, weights, tokens, trace).map((state) => multiply(head, state));
}

/** States after the final norm, of each token. Shapes: [T] of [D]. */
export function hiddenDouble(
  spec: ModelSpec,
  weights: DoubleWeights,
  tokens: readonly number[],
  trace: DoubleTrace = newTrace(),
): Vector[] {
  const pasts: Past[] = weights.layers.map(() => ({ keys: [], values: [] }));
  return tokens.map((token) => {
    const x = Float64Array.from(weights.embed[token] as Vector); // [D]
    weights.layers.forEach((layer, index) => {
      const does = layerOf(spec, index);
      const toAttention = normalize(x, spec.normEpsilon, layer.attentionNorm);
      const attended = attendDouble({ spec, layer, does }, toAttention, pasts[index] as Past);
      addTo(x, after(spec, layer.attentionPostNorm, attended));
      const toFfn = normalize(x, spec.normEpsilon, layer.ffnNorm);
      addTo(x, after(spec, layer.ffnPostNorm, feedForwardDouble(spec, layer.ffn, toFfn, trace)));
    });
    return normalize(x, spec.normEpsilon, weights.norm);
  });
}

/** What a layer adds, normed if it has a norm for that. */
function after(spec: ModelSpec, gains: DoubleLayer['ffnPostNorm'], result: Vector): Vector {
  return gains === undefined ? result : normalize(result, spec.normEpsilon, gains);
}
