/**
 * The router of a mixture of experts, both ways, 16 tokens side by side.
 *
 *   p = softmax of the logits [panels][E][16], or σ of each by the sum of all, with σ in `scores`
 *   choice by scores s and a bias b, within the best groups; ties: lower id
 *   weights of the chosen, ascending id [panels][k][16], from their s:
 *     0 scores      w = scale · s             s of p, or σ
 *     1 normalized  w = scale · (s / Σ s)     s of p, or σ
 *     2 softmax     w = softmax of s          s of the logits
 *
 * NaN counts as -∞, so that k are chosen whatever the logits. T tokens, E experts, k chosen.
 */
import { exp4 } from '../exp';
import { madd } from '../fma';
import { offsetOf } from './slots';

const SCORES: i32 = 0;
const NORMALIZED: i32 = 1;
const SOFTMAX: i32 = 2;
/** Added to the sum that weights are divided by, so that it is never 0. */
const LEAST: f32 = 1e-20;

/**
 * Panels [p0, p1). chosen: i32 [panels][k][16]. Tokens past T choose expert 0, with weight 0.
 * `scores` 0: a softmax; `bias` 0: none; groups 1: no groups, else the best `kept` of at most 64.
 */
export function routeForward(
  probabilities: usize,
  weights: usize,
  chosen: usize,
  logits: usize,
  tokens: i32,
  E: i32,
  k: i32,
  weighting: i32,
  p0: i32,
  p1: i32,
  scores: usize,
  bias: usize,
  scale: f32,
  groups: i32,
  kept: i32,
): void {
  const size = E / groups;
  for (let p = p0; p < p1; p++) {
    const panel = <usize>(p * E) << 6;
    const own = <usize>(p * k) << 6;
    for (let lane: usize = 0; lane < 64; lane += 16) {
      const at = panel + lane;
      if (scores === 0) softmaxOf(probabilities + at, logits + at, E);
      else sharesOf(probabilities + at, scores + at, logits + at, E);
    }
    const from = (weighting === SOFTMAX ? logits : scores === 0 ? probabilities : scores) + panel;
    memory.fill(weights + own, 0, <usize>k << 6);
    memory.fill(chosen + own, 0, <usize>k << 6);
    const count = <usize>min(16, tokens - (p << 4)) << 2;
    for (let lane: usize = 0; lane < count; lane += 4) {
      const open = groups > 1 ? bestGroups(from + lane, bias, size, groups, kept) : ~<u64>0;
      choose(chosen + own + lane, from + lane, bias, E, k, groups > 1 ? size : E, open);
      weigh(weights + own + lane, chosen + own + lane, from + lane, k, weighting, scale);
    }
  }
}

/** Four tokens: σ of each logit, and each by their sum. */
function sharesOf(p: usize, scores: usize, x: usize, E: i32): void {
  const end = <usize>E << 6;
  const one = f32x4.splat(1);
  for (let e: usize = 0; e < end; e += 64) {
    const below = f32x4.add(one, exp4(f32x4.neg(v128.load(x + e))));
    v128.store(scores + e, f32x4.div(one, below));
  }
  const sum = sumOf(scores, E);
  for (let e: usize = 0; e < end; e += 64) {
    v128.store(p + e, f32x4.div(v128.load(scores + e), sum));
  }
}

/** Four tokens: the sum of all scores, a chain, and a little. */
function sumOf(scores: usize, E: i32): v128 {
  const end = <usize>E << 6;
  let sum = f32x4.splat(0);
  for (let e: usize = 0; e < end; e += 64) sum = f32x4.add(sum, v128.load(scores + e));
  return f32x4.add(sum, f32x4.splat(LEAST));
}

/** One token: what the choice of an expert goes by. */
// @ts-ignore: decorator
@inline
function keyOf(scores: usize, bias: usize, e: i32): f32 {
  let key = load<f32>(scores + (<usize>e << 6));
  if (bias !== 0) key += load<f32>(bias + (<usize>e << 2));
  return key === key ? key : -Infinity;
}

/** One token: bits of the groups whose two best keys add up to most; ties: lower group. */
function bestGroups(scores: usize, bias: usize, size: i32, groups: i32, kept: i32): u64 {
  let open: u64 = 0;
  for (let i = 0; i < kept; i++) {
    let best: f32 = -Infinity;
    let found = -1;
    for (let group = 0; group < groups; group++) {
      if ((open & ((<u64>1) << (<u64>group))) !== 0) continue;
      const key = groupKey(scores, bias, group * size, size);
      if (found >= 0 && !(key > best)) continue;
      best = key;
      found = group;
    }
    open |= (<u64>1) << (<u64>found);
  }
  return open;
}

/** The sum of the two largest keys of a group, or the only one. */
function groupKey(scores: usize, bias: usize, first: i32, size: i32): f32 {
  let best: f32 = -Infinity;
  let second: f32 = -Infinity;
  for (let e = first; e < first + size; e++) {
    const key = keyOf(scores, bias, e);
    if (key > best) {
      second = best;
      best = key;
    } else if (key > second) second = key;
  }
  const sum = size > 1 ? best + second : best;
  return sum === sum ? sum : -Infinity;
}

/** Four tokens. */
function softmaxOf(p: usize, x: usize, E: i32): void {
  const end = <usize>E << 6;
  let m = v128.load(x);
  for (let e: usize = 64; e < end; e += 64) m = f32x4.pmax(m, v128.load(x + e));
  let sum = f32x4.splat(0);
  for (let e: usize = 0; e < end; e += 64) {
    const value = exp4(f32x4.sub(v128.load(x + e), m));
    v128.store(p + e, value);
    sum = f32x4.add(sum, value);
  }
  for (let e: usize = 0; e < end; e += 64) v128.store(p + e, f32x4.div(v128.load(p + e), sum));
}

/** One token: the ids of the k largest keys, ascending, of experts in open groups. */
function choose(
  chosen: usize,
  scores: usize,
  bias: usize,
  E: i32,
  k: i32,
  size: i32,
  open: u64,
): void {
  let lastKey: f32 = Infinity;
  let last = -1;
  for (let j = 0; j < k; j++) {
    let best: f32 = -Infinity;
    let id = -1;
    for (let first = 0, group: u64 = 0; first < E; first += size, group++) {
      if ((open & ((<u64>1) << group)) === 0) continue;
      for (let e = first; e < first + size; e++) {
        const key = keyOf(scores, bias, e);
        const isLeft = key < lastKey || (key === lastKey && e > last);
        if (!isLeft || (id >= 0 && !(key > best))) continue;
        best = key;
        id = e;
      }
    }
    let at = chosen + (<usize>j << 6);
    for (; at > chosen && load<i32>(at - 64) > id; at -= 64) store<i32>(at, load<i32>(at - 64));
    store<i32>(at, id);
    lastKey = best;
    last = id;
  }
}

/** One token: weights of the chosen; sums are chains in their order. */
function weigh(
  weights: usize,
  chosen: usize,
  scores: usize,
  k: i32,
  weighting: i32,
  scale: f32,
): void {
  const end = <usize>k << 6;
  let largest: f32 = -Infinity;
  for (let j: usize = 0; j < end; j += 64) {
    const score = load<f32>(scores + (<usize>load<i32>(chosen + j) << 6));
    store<f32>(weights + j, weighting === SCORES ? score * scale : score);
    if (score > largest) largest = score;
  }
  if (weighting === SCORES) return;
  let sum: f32 = 0;
  for (let j: usize = 0; j < end; j += 64) {
    if (weighting === SOFTMAX) {
      const value = exp4(f32x4.splat(load<f32>(weights + j) - largest));
      store<f32>(weights + j, f32x4.extract_lane(value, 0));
    }
    sum += load<f32>(weights + j);
  }
  if (weighting === NORMALIZED) sum += LEAST;
  const factor: f32 = weighting === NORMALIZED ? scale : 1;
  for (let j: usize = 0; j < end; j += 64) {
    store<f32>(weights + j, (load<f32>(weights + j) / sum) * factor);
  }
}

/**
 * Panels [p0, p1) of dlogits, from the gradient of the weights, which is used up, and from the
 * balance loss: each expert's probability counts `balance` times the tokens that chose it.
 */
export function routeBack(
  dlogits: usize,
  dweights: usize,
  probabilities: usize,
  weights: usize,
  chosen: usize,
  counts: usize,
  tokens: i32,
  E: i32,
  k: i32,
  weighting: i32,
  p0: i32,
  p1: i32,
  balance: f32,
  scores: usize,
  scale: f32,
): void {
  for (let p = p0; p < p1; p++) {
    const panel = <usize>(p * E) << 6;
    const own = <usize>(p * k) << 6;
    const dl = dlogits + panel;
    const dw = dweights + own;
    const choice = chosen + own;
    const from = (scores === 0 ? probabilities : scores) + panel;
    for (let e = 0; e < E; e++) {
      const pull = balance * <f32>load<i32>(counts + (<usize>e << 2));
      for (let lane: usize = 0; lane < 64; lane += 16) {
        v128.store(dl + (<usize>e << 6) + lane, f32x4.splat(pull));
      }
    }
    for (let lane: usize = 0; lane < 64; lane += 16) {
      weightsBack(dw + lane, weights + own + lane, k, weighting, scale);
      if (scores !== 0) sharesBack(dl + lane, probabilities + panel + lane, from + lane, E);
    }
    if (weighting !== SOFTMAX) {
      for (let lane: usize = 0; lane < 64; lane += 4) {
        scoresBack(dl + lane, dw + lane, from + lane, choice + lane, k, weighting);
      }
    }
    for (let lane: usize = 0; lane < 64; lane += 16) {
      if (scores === 0) softmaxBack(dl + lane, probabilities + panel + lane, E);
      else sigmoidBack(dl + lane, from + lane, E);
    }
    const count = <usize>min(16, tokens - (p << 4)) << 2;
    for (let lane: usize = 0; lane < 64; lane += 4) {
      if (lane >= count) {
        for (let e: usize = 0; e < <usize>E << 6; e += 64) store<f32>(dl + e + lane, 0);
      } else if (weighting === SOFTMAX) addChosen(dl + lane, dw + lane, choice + lane, k);
    }
  }
}

/** Four tokens: scale · dw; but of scores less Σ dw w, of a softmax that times w. */
function weightsBack(dw: usize, w: usize, k: i32, weighting: i32, scale: f32): void {
  const end = <usize>k << 6;
  const factor = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  if (weighting !== SCORES) {
    for (let j: usize = 0; j < end; j += 64) sum = madd(v128.load(dw + j), v128.load(w + j), sum);
  }
  for (let j: usize = 0; j < end; j += 64) {
    const scaled = f32x4.mul(v128.load(dw + j), factor);
    const value = weighting === SCORES ? scaled : f32x4.sub(scaled, sum);
    v128.store(dw + j, weighting === SOFTMAX ? f32x4.mul(v128.load(w + j), value) : value);
  }
}

/** Four tokens, in place: (u - Σ p u) / Σ s. */
function sharesBack(u: usize, p: usize, scores: usize, E: i32): void {
  const end = <usize>E << 6;
  let sum = f32x4.splat(0);
  for (let e: usize = 0; e < end; e += 64) sum = madd(v128.load(p + e), v128.load(u + e), sum);
  const all = sumOf(scores, E);
  for (let e: usize = 0; e < end; e += 64) {
    v128.store(u + e, f32x4.div(f32x4.sub(v128.load(u + e), sum), all));
  }
}

/** Four tokens, in place: u · s (1 - s). */
function sigmoidBack(u: usize, scores: usize, E: i32): void {
  const end = <usize>E << 6;
  for (let e: usize = 0; e < end; e += 64) {
    const s = v128.load(scores + e);
    const slope = f32x4.mul(s, f32x4.sub(f32x4.splat(1), s));
    v128.store(u + e, f32x4.mul(v128.load(u + e), slope));
  }
}

/** One token: adds what the weights ask of the scores of the chosen. */
function scoresBack(
  dl: usize,
  dw: usize,
  p: usize,
  chosen: usize,
  k: i32,
  weighting: i32,
): void {
  const end = <usize>k << 6;
  if (weighting === NORMALIZED) {
    let sum: f32 = 0;
    for (let j: usize = 0; j < end; j += 64) {
      sum += load<f32>(p + (<usize>load<i32>(chosen + j) << 6));
    }
    sum += LEAST;
    for (let j: usize = 0; j < end; j += 64) store<f32>(dw + j, load<f32>(dw + j) / sum);
  }
  addChosen(dl, dw, chosen, k);
}

/** One token: adds to the experts that it chose. */
function addChosen(dl: usize, dw: usize, chosen: usize, k: i32): void {
  for (let j: usize = 0; j < <usize>k << 6; j += 64) {
    const at = dl + (<usize>load<i32>(chosen + j) << 6);
    store<f32>(at, load<f32>(at) + load<f32>(dw + j));
  }
}

/** Four tokens, in place: p · (u - Σ p u). */
function softmaxBack(u: usize, p: usize, E: i32): void {
  const end = <usize>E << 6;
  let sum = f32x4.splat(0);
  for (let e: usize = 0; e < end; e += 64) sum = madd(v128.load(p + e), v128.load(u + e), sum);
  for (let e: usize = 0; e < end; e += 64) {
    v128.store(u + e, f32x4.mul(v128.load(p + e), f32x4.sub(v128.load(u + e), sum)));
  }
}

/** Σ_e (tokens that chose e) · Σ_t p, in f64, ascending. */
export function loadOf(
  probabilities: usize,
  counts: usize,
  tokens: i32,
  E: i32,
): f64 {
  let all: f64 = 0;
  for (let e = 0; e < E; e++) {
    let sum: f64 = 0;
    for (let t = 0; t < tokens; t++) sum += <f64>load<f32>(probabilities + offsetOf(t, E, e));
    all += sum * <f64>load<i32>(counts + (<usize>e << 2));
  }
  return all;
}
