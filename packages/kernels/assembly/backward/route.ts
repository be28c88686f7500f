/**
 * The router of a mixture of experts, both ways, 16 tokens side by side.
 *
 *   p = softmax of the logits [panels][E][16]      choice by p, or by the logits; ties: lower id
 *   weights of the chosen, ascending id [panels][k][16], from their scores s:
 *     0 scores      w = s                   s of p
 *     1 normalized  w = s / Σ s             s of p
 *     2 softmax     w = softmax of s        s of the logits
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

/** Panels [p0, p1). chosen: i32 [panels][k][16]. Tokens past T choose expert 0, with weight 0. */
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
): void {
  for (let p = p0; p < p1; p++) {
    const panel = <usize>(p * E) << 6;
    const own = <usize>(p * k) << 6;
    for (let lane: usize = 0; lane < 64; lane += 16) {
      softmaxOf(probabilities + panel + lane, logits + panel + lane, E);
    }
    const scores = (weighting === SOFTMAX ? logits : probabilities) + panel;
    memory.fill(weights + own, 0, <usize>k << 6);
    memory.fill(chosen + own, 0, <usize>k << 6);
    const count = <usize>min(16, tokens - (p << 4)) << 2;
    for (let lane: usize = 0; lane < count; lane += 4) {
      choose(chosen + own + lane, scores + lane, E, k);
      weigh(weights + own + lane, chosen + own + lane, scores + lane, k, weighting);
    }
  }
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

/** One token: the ids of the k largest scores, ascending. */
function choose(chosen: usize, scores: usize, E: i32, k: i32): void {
  let lastKey: f32 = Infinity;
  let last = -1;
  for (let j = 0; j < k; j++) {
    let best: f32 = -Infinity;
    let id = -1;
    for (let e = 0; e < E; e++) {
      const score = load<f32>(scores + (<usize>e << 6));
      const key: f32 = score === score ? score : -Infinity;
      const isLeft = key < lastKey || (key === lastKey && e > last);
      if (!isLeft || (id >= 0 && !(key > best))) continue;
      best = key;
      id = e;
    }
    let at = chosen + (<usize>j << 6);
    for (; at > chosen && load<i32>(at - 64) > id; at -= 64) store<i32>(at, load<i32>(at - 64));
    store<i32>(at, id);
    lastKey = best;
    last = id;
  }
}

/** One token: weights of the chosen; sums are chains in their order. */
function weigh(weights: usize, chosen: usize, scores: usize, k: i32, weighting: i32): void {
  const end = <usize>k << 6;
  let largest: f32 = -Infinity;
  for (let j: usize = 0; j < end; j += 64) {
    const score = load<f32>(scores + (<usize>load<i32>(chosen + j) << 6));
    store<f32>(weights + j, score);
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
  for (let j: usize = 0; j < end; j += 64) store<f32>(weights + j, load<f32>(weights + j) / sum);
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
): void {
  for (let p = p0; p < p1; p++) {
    const panel = <usize>(p * E) << 6;
    const own = <usize>(p * k) << 6;
    const dl = dlogits + panel;
    const dw = dweights + own;
    const choice = chosen + own;
    for (let e = 0; e < E; e++) {
      const pull = balance * <f32>load<i32>(counts + (<usize>e << 2));
      for (let lane: usize = 0; lane < 64; lane += 16) {
        v128.store(dl + (<usize>e << 6) + lane, f32x4.splat(pull));
      }
    }
    if (weighting !== SCORES) {
      for (let lane: usize = 0; lane < 64; lane += 16) {
        centerWeights(dw + lane, weights + own + lane, k, weighting);
      }
    }
    if (weighting !== SOFTMAX) {
      for (let lane: usize = 0; lane < 64; lane += 4) {
        scoresBack(dl + lane, dw + lane, probabilities + panel + lane, choice + lane, k, weighting);
      }
    }
    for (let lane: usize = 0; lane < 64; lane += 16) {
      softmaxBack(dl + lane, probabilities + panel + lane, E);
    }
    const count = <usize>min(16, tokens - (p << 4)) << 2;
    for (let lane: usize = 0; lane < 64; lane += 4) {
      if (lane >= count) {
        for (let e: usize = 0; e < <usize>E << 6; e += 64) store<f32>(dl + e + lane, 0);
      } else if (weighting === SOFTMAX) addChosen(dl + lane, dw + lane, choice + lane, k);
    }
  }
}

/** Four tokens: dw - Σ dw w, of a softmax times w. */
function centerWeights(dw: usize, w: usize, k: i32, weighting: i32): void {
  const end = <usize>k << 6;
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < end; j += 64) sum = madd(v128.load(dw + j), v128.load(w + j), sum);
  for (let j: usize = 0; j < end; j += 64) {
    const value = f32x4.sub(v128.load(dw + j), sum);
    v128.store(dw + j, weighting === SOFTMAX ? f32x4.mul(v128.load(w + j), value) : value);
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
