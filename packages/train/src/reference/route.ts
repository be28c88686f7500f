/**
 * The router of experts and its way back, token by token.
 *
 *   p = softmax of the logits, a chain over ascending experts     n_e = tokens that chose e
 *   weights w of the chosen, ascending id: s = p,  w = s;  w = s / Σ s;  or softmax of the logits
 *   balance loss  B = E / T² Σ_e n_e Σ_t p_te        of even routing k
 *   u_e = factor · n_e, of the chosen + their part of dw       dlogits = p (u - Σ p u)
 *
 * Source of B: Fedus et al. 2021 (Switch), equation 4; of k choices as Mixtral has it. Letters: T
 * tokens, E experts, k chosen.
 */
import { groupSlots, WEIGHT_SUM_EPSILON } from '@wafer/core';
import type { ExpertRows, RouterSpec } from '@wafer/core';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export interface RouteShape {
  tokenCount: number;
  expertCount: number;
  chosenCount: number;
  weighting: RouterSpec['weights'];
}

/** What a row's tokens chose, [T, k], and the rows of each expert. */
export interface RowChoice extends ExpertRows {
  chosen: Int32Array;
}

/** Writes probabilities [T, E] and weights [T, k]. */
export function routeForward(
  a: Arithmetic,
  { probabilities, weights }: { probabilities: Numbers; weights: Numbers },
  logits: Numbers,
  shape: RouteShape,
): RowChoice {
  const { tokenCount, expertCount, chosenCount, weighting } = shape;
  const chosen = new Int32Array(tokenCount * chosenCount);
  for (let t = 0; t < tokenCount; t++) {
    const x = logits.subarray(t * expertCount, (t + 1) * expertCount);
    const p = softmax(a, x);
    probabilities.set(p, t * expertCount);
    const scores = weighting === 'softmax' ? x : p;
    const ids = largestIds(scores, chosenCount);
    chosen.set(ids, t * chosenCount);
    const own = a.create(chosenCount);
    ids.forEach((id, j) => (own[j] = scores[id]!));
    weights.set(weigh(a, own, weighting), t * chosenCount);
  }
  return { chosen, ...groupSlots(chosen, expertCount) };
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

/** Ids of the largest, ascending; of equal ones the lower, and NaN is the least. */
function largestIds(scores: Numbers, count: number): number[] {
  const keys = Array.from(scores, (score) => (Number.isNaN(score) ? -Infinity : score));
  const order = (one: number, other: number): number => {
    const [left, right] = [keys[one]!, keys[other]!];
    return left === right ? one - other : right > left ? 1 : -1;
  };
  const ids = keys.map((_, id) => id).toSorted(order);
  return ids.slice(0, count).toSorted((one, other) => one - other);
}

function weigh(a: Arithmetic, scores: Numbers, weighting: RouterSpec['weights']): Numbers {
  if (weighting === 'scores') return scores;
  if (weighting === 'softmax') return softmax(a, scores);
  const sum = sumOf(a, scores);
  return scores.map((score) => score / sum);
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
  use: { dWeights: Numbers; probabilities: Numbers; weights: Numbers; choice: RowChoice },
  { factor, ...shape }: RouteShape & { factor: number },
): void {
  const { tokenCount, expertCount, chosenCount, weighting } = shape;
  const { choice, probabilities } = use;
  for (let t = 0; t < tokenCount; t++) {
    const rowOf = (rows: Numbers): Numbers => rows.subarray(t * expertCount, (t + 1) * expertCount);
    const slotsOf = <List extends Numbers | Int32Array>(list: List): List =>
      list.subarray(t * chosenCount, (t + 1) * chosenCount) as List;
    const [u, p, ids] = [rowOf(dLogits), rowOf(probabilities), slotsOf(choice.chosen)];
    for (let e = 0; e < expertCount; e++) {
      const count = choice.starts[e + 1]! - choice.starts[e]!;
      u[e] = a.round(factor) * count;
    }
    const dScores = weighBack(a, slotsOf(use.dWeights), slotsOf(use.weights), {
      weighting,
      scores: () => a.create(chosenCount).map((_, j) => p[ids[j]!]!),
    });
    const add = (): void => ids.forEach((id, j) => (u[id] = u[id]! + dScores[j]!));
    if (weighting !== 'softmax') add();
    softmaxBack(a, u, p);
    if (weighting === 'softmax') add();
  }
}

/** The gradient of the scores of the chosen. */
function weighBack(
  a: Arithmetic,
  dWeights: Numbers,
  weights: Numbers,
  use: { weighting: RouterSpec['weights']; scores: () => Numbers },
): Numbers {
  const { weighting } = use;
  if (weighting === 'scores') return dWeights;
  let dot = 0;
  dWeights.forEach((dw, j) => (dot = a.fma(dw, weights[j]!, dot)));
  const centered = dWeights.map((dw) => dw - dot);
  if (weighting === 'softmax') return centered.map((value, j) => weights[j]! * value);
  const sum = sumOf(a, use.scores());
  return centered.map((value) => value / sum);
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
