/**
 * Reductions over one row of logits, [V]: what sampling needs. Ties go to the lower id.
 */
import { exp4 } from './exp';
import { foldLanes, largestOf, loadPart, storePart } from './lanes';

const BLOCK_IDS: i32 = 1024;

/** Index of the largest logit; 0 if there is none. One pass, and another over one block. */
export function argmax(logits: usize, count: i32): i32 {
  let largest: f32 = -Infinity;
  let first = 0; // smaller ids hold less
  let start = 0;
  for (; start + BLOCK_IDS <= count; start += BLOCK_IDS) {
    let a = f32x4.splat(-Infinity);
    let b = a;
    let c = a;
    let d = a;
    const end = logits + (<usize>(start + BLOCK_IDS) << 2);
    for (let at = logits + (<usize>start << 2); at < end; at += 64) {
      a = f32x4.pmax(a, v128.load(at));
      b = f32x4.pmax(b, v128.load(at, 16));
      c = f32x4.pmax(c, v128.load(at, 32));
      d = f32x4.pmax(d, v128.load(at, 48));
    }
    const here = largestOf(a, b, c, d);
    if (here > largest) {
      largest = here;
      first = start;
    }
  }
  for (; start < count; start++) {
    const here = load<f32>(logits + (<usize>start << 2));
    if (here > largest) {
      largest = here;
      first = start;
    }
  }
  for (let i = first; i < count; i++) {
    if (load<f32>(logits + (<usize>i << 2)) === largest) return i;
  }
  return 0;
}

/** The k largest in descending order: ids (i32) and values (f32). Returns how many. */
export function topK(ids: usize, values: usize, logits: usize, count: i32, k: i32): i32 {
  let filled = 0;
  for (let id = 0; id < count && k > 0; id++) {
    const value = load<f32>(logits + (<usize>id << 2));
    if (value !== value) continue;
    if (filled === k) {
      if (!(value > load<f32>(values + (<usize>(k - 1) << 2)))) continue;
      filled--;
    }
    let at = filled;
    for (; at > 0; at--) {
      const before = values + (<usize>(at - 1) << 2);
      if (!(value > load<f32>(before))) break;
      store<f32>(before, load<f32>(before), 4);
      const idBefore = ids + (<usize>(at - 1) << 2);
      store<i32>(idBefore, load<i32>(idBefore), 4);
    }
    store<f32>(values + (<usize>at << 2), value);
    store<i32>(ids + (<usize>at << 2), id);
    filled++;
  }
  return filled;
}

/** sums[b] = Σ exp((logits[i] - max) · scale) over each block b of 1,024 ids. */
export function expSums(sums: usize, logits: usize, count: i32, max: f32, scale: f32): void {
  for (; count > 0; count -= BLOCK_IDS) {
    store<f32>(sums, expSum(logits, min(count, BLOCK_IDS), max, scale));
    sums += 4;
    logits += <usize>BLOCK_IDS << 2;
  }
}

/** y[i] = exp((logits[i] - max) · scale). */
export function expRow(y: usize, logits: usize, count: i32, max: f32, scale: f32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, weigh(v128.load(logits), max, scale));
    y += 16;
    logits += 16;
  }
  storePart(y, weigh(loadPart(logits, count), max, scale), count);
}

function expSum(logits: usize, count: i32, max: f32, scale: f32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; count >= 16; count -= 16) {
    a = f32x4.add(a, weigh(v128.load(logits), max, scale));
    b = f32x4.add(b, weigh(v128.load(logits, 16), max, scale));
    c = f32x4.add(c, weigh(v128.load(logits, 32), max, scale));
    d = f32x4.add(d, weigh(v128.load(logits, 48), max, scale));
    logits += 64;
  }
  a = f32x4.add(a, weighPart(logits, count, max, scale));
  b = f32x4.add(b, weighPart(logits + 16, count - 4, max, scale));
  c = f32x4.add(c, weighPart(logits + 32, count - 8, max, scale));
  d = f32x4.add(d, weighPart(logits + 48, count - 12, max, scale));
  return foldLanes(a, b, c, d);
}

// @ts-ignore: decorator
@inline
function weigh(logits: v128, max: f32, scale: f32): v128 {
  return exp4(f32x4.mul(f32x4.sub(logits, f32x4.splat(max)), f32x4.splat(scale)));
}

/** Weights of the first `count` logits, then exact zeros. */
function weighPart(logits: usize, count: i32, max: f32, scale: f32): v128 {
  const weights = weigh(loadPart(logits, count), max, scale);
  const isInside = i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
  return v128.and(weights, isInside);
}
