/**
 * The router of a mixture of experts: which experts a token meets, and how much each counts.
 *
 *   logits → scores → choice of k experts → their weights, in ascending expert id
 *
 * Every step is rounded to f32. A softmax over all experts folds in the lane order of `lanes.ts`;
 * sums over the chosen are chains in ascending id. Ties go to the lower id; NaN counts as -∞, so
 * that k experts are chosen whatever the logits. Letters: T tokens, E experts, k chosen.
 */
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import type { ExpertSpec, RouterSpec } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import { exp32 } from './exp.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import { foldLanes, LANE_COUNT } from './lanes.ts';
import type { OpRoom } from './op.ts';
import type { RoutingBuffers, Rows } from './operands.ts';
import type { ExpertRows, Routing } from './routing.ts';
import { rowsOf } from './step-shape.ts';

/** Chooses and weighs k experts for each row of logits. */
export interface RouteOp {
  op: 'route';
  layer: number;
  logits: NetworkValue;
  selectionBias: NetworkTensor | undefined;
}

/** Chooses and weighs the experts of each row, [T, E], and sorts slots by expert. */
export interface RouteInstruction {
  op: 'route';
  logits: Rows;
  selectionBias: number | undefined;
  routing: RoutingBuffers;
  /** Where rows of each expert are counted, f64 [E], for as long as the wafer runs. */
  tally: { layer: number; address: number } | undefined;
}

/** Added to the sum that weights are divided by, so that it is never 0. */
export const WEIGHT_SUM_EPSILON: number = Math.fround(1e-20);

/** What the choice of experts depends on. */
export type RoutedSpec = Pick<ExpertSpec, 'expertCount' | 'chosenCount' | 'router'>;

/** Chooses and weighs experts. Shapes: logits [T, E], selectionBias [E]. */
export function route(
  logits: Float32Array,
  selectionBias: Float32Array | undefined,
  options: { spec: RoutedSpec; rounding: Rounding },
): Routing {
  const { expertCount, chosenCount, router } = options.spec;
  const fma = multiplyAdd(options.rounding);
  const tokenCount = logits.length / expertCount;
  const chosen = new Int32Array(tokenCount * chosenCount);
  const weights = new Float32Array(tokenCount * chosenCount);
  for (let t = 0; t < tokenCount; t++) {
    const row = logits.subarray(t * expertCount, (t + 1) * expertCount);
    const scores = scoresOf(row, router, fma);
    const keys = scores.map((score, e) => score + (selectionBias?.[e] ?? 0));
    const ids = choose(keys, options.spec).toSorted((a, b) => a - b);
    chosen.set(ids, t * chosenCount);
    const own = Float32Array.from(ids, (id) => scores[id] as number);
    weights.set(weigh(own, router, fma), t * chosenCount);
  }
  return { chosen, weights };
}

function scoresOf(logits: Float32Array, { score }: RouterSpec, fma: MultiplyAdd): Float32Array {
  if (score === 'none') return logits.slice();
  if (score === 'sigmoid') {
    return logits.map((x) => Math.fround(1 / Math.fround(1 + exp32(-x, fma))));
  }
  const largest = largestOf(logits);
  const values = logits.map((x) => exp32(Math.fround(x - largest), fma));
  const partials = new Float32Array(LANE_COUNT);
  values.forEach((value, i) => {
    partials[i % LANE_COUNT] = (partials[i % LANE_COUNT] as number) + value;
  });
  const sum = foldLanes(partials);
  return values.map((value) => value / sum);
}

/** Ids of the k largest keys, within the best groups if there are any. */
function choose(keys: Float32Array, { expertCount, chosenCount, router }: RoutedSpec): number[] {
  const all = Array.from(keys, (_, id) => id);
  const { groups } = router;
  if (!groups) return largestIds(all, keys, chosenCount);
  const size = expertCount / groups.count;
  const groupIds = Array.from({ length: groups.count }, (_, group) => group);
  const groupKeys = groupIds.map((group) => {
    const members = all.slice(group * size, (group + 1) * size);
    const [best = 0, second = best] = largestIds(members, keys, 2).map((id) => keyOf(keys, id));
    return size > 1 ? Math.fround(best + second) : best;
  });
  const kept = new Set(largestIds(groupIds, groupKeys, groups.keptCount));
  const allowed = all.filter((id) => kept.has(Math.floor(id / size)));
  return largestIds(allowed, keys, chosenCount);
}

/** The `count` ids with the largest keys, largest first; of equal ones the lower. */
function largestIds(ids: readonly number[], keys: ArrayLike<number>, count: number): number[] {
  const compare = (a: number, b: number): number => {
    const [left, right] = [keyOf(keys, a), keyOf(keys, b)];
    if (left === right) return a - b;
    return left > right ? -1 : 1;
  };
  return ids.toSorted(compare).slice(0, count);
}

function keyOf(keys: ArrayLike<number>, id: number): number {
  const key = keys[id] as number;
  return Number.isNaN(key) ? -Infinity : key;
}

/** Weights of the chosen from their scores, both in ascending id. */
function weigh(scores: Float32Array, router: RouterSpec, fma: MultiplyAdd): Float32Array {
  const scale = Math.fround(router.scale);
  if (router.weights === 'scores') return scores.map((score) => score * scale);
  const isSoftmax = router.weights === 'softmax';
  const largest = largestOf(scores);
  const values = isSoftmax ? scores.map((x) => exp32(Math.fround(x - largest), fma)) : scores;
  let sum = 0;
  for (const value of values) sum = Math.fround(sum + value);
  if (!isSoftmax) sum = Math.fround(sum + WEIGHT_SUM_EPSILON);
  return values.map((value) => Math.fround(value / sum) * scale);
}

function largestOf(values: Float32Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}

// ---- grouping: one stretch of rows per expert

/** Sorts the slots of a step by expert, then by token. Shapes: chosen [T, k]. */
export function groupSlots(chosen: Int32Array, expertCount: number): ExpertRows {
  const starts = new Int32Array(expertCount + 1);
  for (const id of chosen) starts[id + 1] = (starts[id + 1] as number) + 1;
  for (let e = 0; e < expertCount; e++) {
    starts[e + 1] = (starts[e + 1] as number) + (starts[e] as number);
  }
  const next = starts.slice();
  const places = chosen.map((id) => (next[id] = (next[id] as number) + 1) - 1);
  const slots = new Int32Array(chosen.length);
  places.forEach((row, slot) => (slots[row] = slot));
  return { starts, places, slots };
}

/**
 * Share of the experts that any of T tokens chooses, if each token chooses each expert with
 * probability k / E whatever the others do. A token alone chooses exactly k.
 */
export function touchedShare(
  { expertCount, chosenCount }: Pick<ExpertSpec, 'expertCount' | 'chosenCount'>,
  tokenCount: number,
): number {
  return 1 - (1 - chosenCount / expertCount) ** tokenCount;
}

/** Words that the router's kernel needs beside its results. */
export function routeScratchWords({ expertCount, chosenCount }: RoutedSpec): number {
  return 2 * expertCount + 2 * (chosenCount + expertCount);
}

/** Cost of a router: a score and a comparison per expert and token. */
export function routeCost(shape: { tokenCount: number; expertCount: number }): OpCost {
  const count = shape.tokenCount * shape.expertCount;
  return { flops: 5 * count, weightBytes: 0, activationBytes: F32_BYTES * count };
}

export const ROUTE: OpRoom<RouteOp, RouteInstruction> = {
  flow: ({ logits, selectionBias }) => ({
    reads: [logits],
    writes: [],
    tensors: [selectionBias],
  }),
  reference: ({ logits, selectionBias }, pass) => {
    const spec = expertsOf(pass.spec);
    const bias = selectionBias && pass.tensors.vector(selectionBias.name);
    const choice = route(pass.read(logits), bias, { spec, rounding: pass.rounding });
    pass.routing = { ...choice, ...groupSlots(choice.chosen, spec.expertCount) };
  },
  lower: ({ layer, logits, selectionBias: bias }, operands) => {
    const selectionBias = bias && operands.vector(bias);
    const { routing } = operands;
    const address = operands.tally(layer);
    const tally = address === undefined ? undefined : { layer, address };
    return { op: 'route', logits: operands.whole(logits), selectionBias, routing, tally };
  },
  use: ({ logits }, { step }) =>
    ridesAlong(routeCost({ tokenCount: rowsOf(step), expertCount: logits.stride })),
};
