/**
 * The router of a mixture of experts: choice and weights, in ascending expert id, and the rows of
 * each expert. The reference is `ops/route.ts` of `@wafer/core`. T tokens, E experts, k chosen.
 *
 *   scratch   scores [E] · keys [E] · list of ids, then of keys, [k + E] each
 */
import { exp4 } from './exp';
import { foldLanes, loadPart, storePart } from './lanes';
import { expRow } from './vocab';

const SOFTMAX: i32 = 1;
const SIGMOID: i32 = 2;

/**
 * chosen (i32), weights: [T, k]; logits: [T, E], contiguous; selectionBias: [E], or 0 for none.
 * score: 0 none, 1 softmax, 2 sigmoid. weighting: 0 scores, 1 normalized, 2 softmax.
 */
export function route(
  chosen: usize,
  weights: usize,
  logits: usize,
  selectionBias: usize,
  scratch: usize,
  tokenCount: i32,
  expertCount: i32,
  chosenCount: i32,
  score: i32,
  weighting: i32,
  groupCount: i32,
  keptCount: i32,
  scale: f32,
): void {
  const scores = scratch;
  const keys = scores + (<usize>expertCount << 2);
  const ids = keys + (<usize>expertCount << 2);
  const values = ids + (<usize>(chosenCount + expertCount) << 2);
  for (let t = 0; t < tokenCount; t++) {
    scoreRow(scores, logits, expertCount, score);
    keyRow(keys, scores, selectionBias, expertCount);
    if (groupCount > 1) keepGroups(keys, ids, values, expertCount, groupCount, keptCount);
    choose(ids, values, keys, expertCount, chosenCount, groupCount > 1);
    sortInto(chosen, ids, chosenCount);
    weigh(weights, scores, chosen, chosenCount, weighting, scale);
    logits += <usize>expertCount << 2;
    chosen += <usize>chosenCount << 2;
    weights += <usize>chosenCount << 2;
  }
}

function scoreRow(scores: usize, logits: usize, count: i32, score: i32): void {
  if (score === SOFTMAX) {
    expRow(scores, logits, count, largestOf(logits, count), 1);
    const sum = f32x4.splat(laneSum(scores, count));
    for (let i = 0; i < count; i += 4) {
      const at = scores + (<usize>i << 2);
      const rest = min(4, count - i);
      storePart(at, f32x4.div(loadPart(at, rest), sum), rest);
    }
  } else if (score === SIGMOID) {
    const one = f32x4.splat(1);
    for (let i = 0; i < count; i += 4) {
      const at = <usize>i << 2;
      const rest = min(4, count - i);
      const x = loadPart(logits + at, rest);
      storePart(scores + at, f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x)))), rest);
    }
  } else {
    memory.copy(scores, logits, <usize>count << 2);
  }
}

/** What the choice goes by. NaN becomes -∞. */
function keyRow(keys: usize, scores: usize, selectionBias: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2;
    let key = load<f32>(scores + at);
    if (selectionBias !== 0) key += load<f32>(selectionBias + at);
    store<f32>(keys + at, key === key ? key : -Infinity);
  }
}

/** Marks the keys of all but the best groups as NaN. A group counts by its two largest keys. */
function keepGroups(
  keys: usize,
  ids: usize,
  values: usize,
  expertCount: i32,
  groupCount: i32,
  keptCount: i32,
): void {
  const size = expertCount / groupCount;
  let filled = 0;
  for (let group = 0; group < groupCount; group++) {
    const key = groupKey(keys + (<usize>(group * size) << 2), size);
    filled = insert(ids, values, filled, keptCount, group, key);
  }
  for (let group = 0; group < groupCount; group++) {
    let isKept = false;
    for (let i = 0; i < keptCount; i++) {
      if (load<i32>(ids + (<usize>i << 2)) === group) isKept = true;
    }
    if (isKept) continue;
    for (let e = group * size; e < (group + 1) * size; e++) store<f32>(keys + (<usize>e << 2), NaN);
  }
}

function groupKey(keys: usize, size: i32): f32 {
  let best: f32 = -Infinity;
  let second: f32 = -Infinity;
  for (let i = 0; i < size; i++) {
    const key = load<f32>(keys + (<usize>i << 2));
    if (key > best) {
      second = best;
      best = key;
    } else if (key > second) {
      second = key;
    }
  }
  const sum = size > 1 ? best + second : best;
  return sum === sum ? sum : -Infinity; // of opposite infinities
}

/** The k largest keys, largest first; NaN is out. */
function choose(
  ids: usize,
  values: usize,
  keys: usize,
  count: i32,
  chosenCount: i32,
  isMarked: bool,
): void {
  let filled = 0;
  for (let id = 0; id < count; id++) {
    const key = load<f32>(keys + (<usize>id << 2));
    if (isMarked && key !== key) continue;
    filled = insert(ids, values, filled, chosenCount, id, key);
  }
}

/** Inserts behind keys that are as large; returns how many of at most `limit` there are. */
function insert(ids: usize, values: usize, filled: i32, limit: i32, id: i32, key: f32): i32 {
  if (filled === limit) {
    if (!(key > load<f32>(values + (<usize>(limit - 1) << 2)))) return filled;
    filled--;
  }
  let at = filled;
  for (; at > 0; at--) {
    const before = <usize>(at - 1) << 2;
    const other = load<f32>(values + before);
    if (!(key > other)) break;
    store<f32>(values + before, other, 4);
    store<i32>(ids + before, load<i32>(ids + before), 4);
  }
  store<f32>(values + (<usize>at << 2), key);
  store<i32>(ids + (<usize>at << 2), id);
  return filled + 1;
}

/** Ids in ascending order. */
function sortInto(target: usize, ids: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids + (<usize>i << 2));
    let at = target + (<usize>i << 2);
    while (at > target && load<i32>(at - 4) > id) {
      store<i32>(at, load<i32>(at - 4));
      at -= 4;
    }
    store<i32>(at, id);
  }
}

/** Weights of the chosen; sums are chains in their order. */
function weigh(
  weights: usize,
  scores: usize,
  chosen: usize,
  count: i32,
  weighting: i32,
  scale: f32,
): void {
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2;
    store<f32>(weights + at, load<f32>(scores + (<usize>load<i32>(chosen + at) << 2)));
  }
  if (weighting === 0) {
    for (let i = 0; i < count; i++) {
      const at = weights + (<usize>i << 2);
      store<f32>(at, load<f32>(at) * scale);
    }
    return;
  }
  if (weighting === 2) expRow(weights, weights, count, largestOf(weights, count), 1);
  let sum: f32 = 0;
  for (let i = 0; i < count; i++) sum += load<f32>(weights + (<usize>i << 2));
  if (weighting === 1) sum += <f32>1e-20;
  for (let i = 0; i < count; i++) {
    const at = weights + (<usize>i << 2);
    store<f32>(at, (load<f32>(at) / sum) * scale);
  }
}

function largestOf(values: usize, count: i32): f32 {
  let largest: f32 = -Infinity;
  for (let i = 0; i < count; i++) {
    const value = load<f32>(values + (<usize>i << 2));
    if (value > largest) largest = value;
  }
  return largest;
}

/** The sum in the lane order: element i in partial sum i mod 16. */
function laneSum(values: usize, count: i32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; count > 0; count -= 16) {
    a = f32x4.add(a, loadPart(values, count));
    b = f32x4.add(b, loadPart(values + 16, count - 4));
    c = f32x4.add(c, loadPart(values + 32, count - 8));
    d = f32x4.add(d, loadPart(values + 48, count - 12));
    values += 64;
  }
  return foldLanes(a, b, c, d);
}

// ---- grouping

/**
 * Sorts slots by expert, then by token. starts: i32 [E + 1]; places, slots, chosen: i32 [slots];
 * scratch: i32 [E].
 */
export function groupSlots(
  starts: usize,
  places: usize,
  slots: usize,
  chosen: usize,
  scratch: usize,
  slotCount: i32,
  expertCount: i32,
): void {
  memory.fill(starts, 0, <usize>(expertCount + 1) << 2);
  for (let slot = 0; slot < slotCount; slot++) {
    const at = starts + (<usize>load<i32>(chosen + (<usize>slot << 2)) << 2);
    store<i32>(at, load<i32>(at, 4) + 1, 4);
  }
  let sum = 0;
  for (let e = 0; e < expertCount; e++) {
    const at = <usize>e << 2;
    store<i32>(scratch + at, sum);
    sum += load<i32>(starts + at, 4);
    store<i32>(starts + at, sum, 4);
  }
  for (let slot = 0; slot < slotCount; slot++) {
    const at = <usize>slot << 2;
    const next = scratch + (<usize>load<i32>(chosen + at) << 2);
    const row = load<i32>(next);
    store<i32>(next, row + 1);
    store<i32>(places + at, row);
    store<i32>(slots + (<usize>row << 2), slot);
  }
}
