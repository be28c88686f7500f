/**
 * Feed-forward layers in double precision: gated, dense or as a mixture of experts.
 *
 * A router's logits become scores; with a selection bias another number decides who is chosen
 * than how much it weighs. How close the closest choice was is kept, as a choice that rounding
 * may turn is no measure of an implementation.
 *
 * Source: Shazeer 2020 (SwiGLU); Jiang et al. 2024 (Mixtral); DeepSeek-V3, 2024, section 2.1.2
 * (sigmoid scores, selection bias, groups), as GLM-4.5 uses it; the modeling files of Qwen 3 MoE,
 * Llama 4 (weighted inputs) and GPT-OSS (clamped activation, softmax of the chosen) in
 * transformers.
 */
import type { ActivationSpec, ExpertSpec, ModelSpec, RouterSpec } from '@wafer/core';
import { addTo, at, multiply, sigmoid, softmax } from './double-math.ts';
import type { Vector } from './double-math.ts';
import type { DoubleExperts, DoubleFfn } from './double-weights.ts';

/** What a pass leaves behind besides logits. */
export interface DoubleTrace {
  /** The least by which a chosen expert, or group, was ahead of one left out. */
  routerMarginMin: number;
  /** How often each expert was chosen, over all layers. */
  chosenCounts: Map<number, number>;
}

export function newTrace(): DoubleTrace {
  return { routerMarginMin: Infinity, chosenCounts: new Map() };
}

/** What a feed-forward layer adds for a normed token. */
export function feedForwardDouble(
  spec: ModelSpec,
  ffn: DoubleFfn | DoubleExperts,
  x: Vector,
  trace: DoubleTrace,
): Vector {
  if (!('experts' in ffn)) return gated(ffn, spec.activation, x);
  const { weighsInput, chosenCount, router } = spec.experts as ExpertSpec;
  const sum = new Float64Array(x.length);
  for (const [expert, weight] of route(router, { ffn, chosenCount, x, trace })) {
    trace.chosenCounts.set(expert, (trace.chosenCounts.get(expert) ?? 0) + 1);
    const weighted = (values: Vector): Vector => values.map((value) => value * weight);
    const of = ffn.experts[expert] as DoubleFfn;
    const output = gated(of, spec.activation, weighsInput ? weighted(x) : x);
    addTo(sum, weighsInput ? output : weighted(output));
  }
  if (ffn.shared) addTo(sum, gated(ffn.shared, spec.activation, x));
  return sum;
}

function gated({ gate, up, down }: DoubleFfn, activation: ActivationSpec, x: Vector): Vector {
  const ups = multiply(up, x);
  return multiply(
    down,
    multiply(gate, x).map((value, i) => activate(activation, value, at(ups, i))),
  );
}

function activate(activation: ActivationSpec, gate: number, up: number): number {
  if (activation.kind === 'silu') return gate * sigmoid(gate) * up;
  const { alpha, limit } = activation;
  const g = Math.min(gate, limit);
  const u = Math.min(Math.max(up, -limit), limit);
  return g * sigmoid(alpha * g) * (u + 1);
}

// ---- the router

/** The chosen experts and their weights. */
function route(
  router: RouterSpec,
  token: { ffn: DoubleExperts; chosenCount: number; x: Vector; trace: DoubleTrace },
): [number, number][] {
  const { ffn, chosenCount, x, trace } = token;
  const scores = scoresOf(router, Array.from(multiply(ffn.router, x))); // [E]
  const { selectionBias } = ffn;
  const ranks = scores.map((score, expert) => score + (selectionBias?.[expert] ?? 0));
  const eligible = eligibleExperts(router, ranks, trace);
  const chosen = best(eligible, (expert) => ranks[expert] as number, chosenCount, trace);
  const own = chosen.map((expert) => scores[expert] as number);
  const weights = weightsOf(router, own);
  return chosen.map((expert, index) => [expert, (weights[index] as number) * router.scale]);
}

function scoresOf({ score }: RouterSpec, logits: number[]): number[] {
  if (score === 'softmax') return softmax(logits);
  return score === 'sigmoid' ? logits.map(sigmoid) : logits;
}

function weightsOf({ weights }: RouterSpec, scores: number[]): number[] {
  if (weights === 'scores') return scores;
  if (weights === 'softmax') return softmax(scores);
  const total = scores.reduce((sum, score) => sum + score, 0);
  return scores.map((score) => score / total);
}

/** Experts of the groups whose two best add up to most; all of them without groups. */
function eligibleExperts({ groups }: RouterSpec, ranks: number[], trace: DoubleTrace): number[] {
  const all = ranks.map((_, expert) => expert);
  if (groups === undefined) return all;
  const size = ranks.length / groups.count;
  const groupOf = (expert: number): number => Math.floor(expert / size);
  const twoBest = (group: number): number => {
    const own = ranks.filter((_, expert) => groupOf(expert) === group);
    const [first = 0, second = 0] = own.toSorted((a, b) => b - a);
    return first + second;
  };
  const candidates = Array.from({ length: groups.count }, (_, group) => group);
  const kept = best(candidates, twoBest, groups.keptCount, trace);
  return all.filter((expert) => kept.includes(groupOf(expert)));
}

/** The `count` best of some ids; the lower id of equals. */
function best(
  ids: readonly number[],
  rankOf: (id: number) => number,
  count: number,
  trace: DoubleTrace,
): number[] {
  const sorted = ids.toSorted((a, b) => rankOf(b) - rankOf(a) || a - b);
  const last = sorted[count - 1];
  const next = sorted[count];
  if (last !== undefined && next !== undefined) {
    trace.routerMarginMin = Math.min(trace.routerMarginMin, rankOf(last) - rankOf(next));
  }
  return sorted.slice(0, count);
}
