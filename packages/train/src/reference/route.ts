/**
 * The router of experts and its way back, token by token.
 *
 *   s = softmax of the logits, a chain over ascending experts; or σ of each; or the logits x
 *   choice by s + b, of the best groups where there are some; b is given, and learns nothing
 *   weights w of the chosen, ascending id: c s;  c (s / Σ s);  or softmax of their logits
 *   balance loss  B = E / T² Σ_e n_e Σ_t p_te        n_e = tokens that chose e; of even routing k
 *     p = softmax of the logits;  of σ  s / Σ s over all experts
 *   u_e = factor · n_e; of the chosen + their part of dw
 *     softmax  dlogits = p (u - Σ p u)
 *     σ        ds = (factor · n - Σ p factor · n) / Σ s + their part of dw;  dlogits = ds s (1 - s)
 *
 * Source of B: Fedus et al. 2021 (Switch), equation 4; of k choices as Mixtral has it; of σ
 * DeepSeek-V3, equations 17 to 20. Letters: T tokens, E experts, k chosen.
 */
import { groupSlots, WEIGHT_SUM_EPSILON } from '@wafer/core';
import type { ExpertRows, RouterSpec } from '@wafer/core';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export interface RouteShape {
  tokenCount: number;
  expertCount: number;
  chosenCount: number;
  router: Omit<RouterSpec, 'hasBias' | 'hasSelectionBias'>;
}

/** What a row's tokens chose, [T, k], and the rows of each expert. */
export interface RowChoice extends ExpertRows {
  chosen: Int32Array;
}

/** What a router makes, and keeps for its way back: scores [T, E] of σ alone. */
export interface RouteValues {
  probabilities: Numbers; // [T, E]
  weights: Numbers; // [T, k]
  scores: Numbers | undefined;
}

/** Writes what a router makes. Shapes: logits [T, E], bias [E]. */
export function routeForward(
  a: Arithmetic,
  { probabilities, weights, scores }: RouteValues,
  { logits, bias }: { logits: Numbers; bias: Numbers | undefined },
  shape: RouteShape,
): RowChoice {
  const { tokenCount, expertCount, chosenCount, router } = shape;
  const chosen = new Int32Array(tokenCount * chosenCount);
  for (let t = 0; t < tokenCount; t++) {
    const x = logits.subarray(t * expertCount, (t + 1) * expertCount);
    const sigmoids = scores && x.map((value) => a.round(1 / a.round(1 + a.exp(-value))));
    if (sigmoids) scores.set(sigmoids, t * expertCount);
    const p = sigmoids ? sharesOf(a, sigmoids) : softmax(a, x);
    probabilities.set(p, t * expertCount);
    const own = sigmoids ?? (router.weights === 'softmax' ? x : p);
    const keys = bias ? own.map((score, e) => score + bias[e]!) : own;
    const ids = choose(a, keys, shape);
    chosen.set(ids, t * chosenCount);
    const picked = a.create(chosenCount);
    ids.forEach((id, j) => (picked[j] = own[id]!));
    weights.set(weigh(a, picked, router), t * chosenCount);
  }
  return { chosen, ...groupSlots(chosen, expertCount) };
}

/** Ids of the chosen, ascending. */
function choose(
  a: Arithmetic,
  keys: Numbers,
  { chosenCount, expertCount, router }: RouteShape,
): number[] {
  const { groups } = router;
  const all = Array.from(keys, (_, id) => id);
  if (groups === undefined) return largestIds(all, keys, chosenCount);
  const size = expertCount / groups.count;
  const best = Array.from({ length: groups.count }, (_, group) => {
    const members = keys
      .slice(group * size, (group + 1) * size)
      .map(keyOf)
      .toSorted();
    const [largest = 0, second = 0] = members.toReversed();
    return size > 1 ? a.round(largest + second) : largest;
  });
  const groupIds = best.map((_, group) => group);
  const kept = new Set(largestIds(groupIds, best, groups.keptCount));
  return largestIds(
    all.filter((id) => kept.has(Math.floor(id / size))),
    keys,
    chosenCount,
  );
}

/** Each by the sum of all, in ascending order. */
function sharesOf(a: Arithmetic, scores: Numbers): Numbers {
  const sum = sumOf(a, scores);
  return scores.map((score) => score / sum);
}

/** Softmax, sums in ascending order. */
function softmax(a: Arithmetic, x: Numbers): Numbers {
  let largest = -Infinity;
  for (const value of x) largest = Math.max(largest, value);
  const e = x.map((value) => a.exp(a.round(value - largest)));
  let sum = 0;
  for (const value of e) sum = a.round(sum + value);
  return e.map((value) => value / sum);
}

/** The `count` of some ids with the largest keys, ascending; of equal ones the lower. */
function largestIds(ids: readonly number[], keys: ArrayLike<number>, count: number): number[] {
  const order = (one: number, other: number): number => {
    const [left, right] = [keyOf(keys[one]!), keyOf(keys[other]!)];
    return left === right ? one - other : right > left ? 1 : -1;
  };
  const largest = ids.toSorted(order).slice(0, count);
  return largest.toSorted((one, other) => one - other);
}

/** NaN is the least. */
function keyOf(score: number): number {
  return Number.isNaN(score) ? -Infinity : score;
}

function weigh(a: Arithmetic, scores: Numbers, { weights, scale }: RouteShape['router']): Numbers {
  if (weights === 'softmax') return softmax(a, scores);
  const factor = a.round(scale);
  if (weights === 'scores') return scores.map((score) => score * factor);
  const sum = sumOf(a, scores);
  return scores.map((score) => a.round(score / sum) * factor);
}

function sumOf(a: Arithmetic, scores: Numbers): number {
  let sum = 0;
  for (const score of scores) sum = a.round(sum + score);
  return a.round(sum + WEIGHT_SUM_EPSILON);
}

/** Writes dlogits [T, E]; `factor` is the balance loss's share of each token and expert. */
export function routeBackward(
  a: Arithmetic,
  dLogits: Numbers,
  use: RouteValues & { dWeights: Numbers; choice: RowChoice },
  { factor, ...shape }: RouteShape & { factor: number },
): void {
  const { tokenCount, expertCount, chosenCount, router } = shape;
  const { choice, probabilities, scores } = use;
  for (let t = 0; t < tokenCount; t++) {
    const rowOf = (rows: Numbers): Numbers => rows.subarray(t * expertCount, (t + 1) * expertCount);
    const slotsOf = <List extends Numbers | Int32Array>(list: List): List =>
      list.subarray(t * chosenCount, (t + 1) * chosenCount) as List;
    const [u, p, ids] = [rowOf(dLogits), rowOf(probabilities), slotsOf(choice.chosen)];
    for (let e = 0; e < expertCount; e++) {
      const count = choice.starts[e + 1]! - choice.starts[e]!;
      u[e] = a.round(factor) * count;
    }
    const own = scores === undefined ? p : rowOf(scores);
    const dScores = weighBack(a, slotsOf(use.dWeights), slotsOf(use.weights), {
      router,
      scores: () => a.create(chosenCount).map((_, j) => own[ids[j]!]!),
    });
    const add = (): void => ids.forEach((id, j) => (u[id] = u[id]! + dScores[j]!));
    if (scores !== undefined) {
      sharesBack(a, u, p, own);
      add();
      u.forEach((value, e) => (u[e] = value * a.round(own[e]! * a.round(1 - own[e]!))));
      continue;
    }
    if (router.weights !== 'softmax') add();
    softmaxBack(a, u, p);
    if (router.weights === 'softmax') add();
  }
}

/** The gradient of the scores of the chosen. */
function weighBack(
  a: Arithmetic,
  dWeights: Numbers,
  weights: Numbers,
  use: { router: RouteShape['router']; scores: () => Numbers },
): Numbers {
  const { weights: weighting, scale } = use.router;
  const factor = a.round(scale);
  const scaled = dWeights.map((dw) => dw * factor);
  if (weighting === 'scores') return scaled;
  let dot = 0;
  dWeights.forEach((dw, j) => (dot = a.fma(dw, weights[j]!, dot)));
  const centered = scaled.map((dw) => dw - dot);
  if (weighting === 'softmax') return centered.map((value, j) => weights[j]! * value);
  const sum = sumOf(a, use.scores());
  return centered.map((value) => value / sum);
}

/** In place: (u - Σ p u) / Σ s. */
function sharesBack(a: Arithmetic, u: Numbers, p: Numbers, scores: Numbers): void {
  let sum = 0;
  u.forEach((value, e) => (sum = a.fma(p[e]!, value, sum)));
  const all = sumOf(a, scores);
  u.forEach((value, e) => (u[e] = a.round(value - sum) / all));
}

/** In place: p · (u - Σ p u). */
function softmaxBack(a: Arithmetic, u: Numbers, p: Numbers): void {
  let sum = 0;
  u.forEach((value, e) => (sum = a.fma(p[e]!, value, sum)));
  u.forEach((value, e) => (u[e] = p[e]! * a.round(value - sum)));
}

/** B of a row. */
export function balanceOf(
  probabilities: Numbers,
  { starts }: RowChoice,
  { tokenCount, expertCount }: RouteShape,
): number {
  let all = 0;
  for (let e = 0; e < expertCount; e++) {
    let sum = 0;
    for (let t = 0; t < tokenCount; t++) sum += probabilities[t * expertCount + e]!;
    all += sum * (starts[e + 1]! - starts[e]!);
  }
  return (all * expertCount) / tokenCount ** 2;
}
