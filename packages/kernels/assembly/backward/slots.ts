/**
 * Tokens to the rows of their experts and back, both ways.
 *
 * Rows lie in panels of 16, whole panels of each expert: [slot panels][D][16]. A row stands for a
 * slot t · k + j, the j-th expert of token t, or for none (-1), and is 0 then. What belongs to a
 * token and its j-th expert lies in [panels][k][16]. Letters: T tokens, E experts, k chosen, D
 * width.
 */
import { madd } from '../fma';

/**
 * Sorts slots by expert, then by token. starts: i32 [E + 1], first panels; counts: i32 [E]; slots:
 * i32, by row; chosen, places (its row of each slot): i32 [panels][k][16].
 */
export function sortSlots(
  starts: usize,
  counts: usize,
  slots: usize,
  places: usize,
  chosen: usize,
  tokens: i32,
  E: i32,
  k: i32,
): void {
  memory.fill(counts, 0, <usize>E << 2);
  for (let t = 0; t < tokens; t++) {
    for (let j = 0; j < k; j++) {
      const count = counts + (<usize>load<i32>(chosen + offsetOf(t, k, j)) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  let panel = 0;
  for (let e: usize = 0; e < <usize>E << 2; e += 4) {
    store<i32>(starts + e, panel);
    panel += (load<i32>(counts + e) + 15) >> 4;
    store<i32>(counts + e, 0);
  }
  store<i32>(starts + (<usize>E << 2), panel);
  memory.fill(slots, 255, <usize>panel << 6);
  for (let t = 0; t < tokens; t++) {
    for (let j = 0; j < k; j++) {
      const at = offsetOf(t, k, j);
      const expert = <usize>load<i32>(chosen + at) << 2;
      const count = load<i32>(counts + expert);
      const row = (load<i32>(starts + expert) << 4) + count;
      store<i32>(counts + expert, count + 1);
      store<i32>(slots + (<usize>row << 2), t * k + j);
      store<i32>(places + at, row);
    }
  }
  // Tokens past T read a row that is there.
  for (let t = tokens; t & 15; t++) {
    for (let j = 0; j < k; j++) store<i32>(places + offsetOf(t, k, j), 0);
  }
}

/** Slot panels [q0, q1) of rows: x of their tokens. x: [panels][D][16]. */
export function gatherSlots(
  rows: usize,
  x: usize,
  slots: usize,
  k: i32,
  D: i32,
  q0: i32,
  q1: i32,
): void {
  for (let r = q0 << 4; r < q1 << 4; r++) {
    const slot = load<i32>(slots + (<usize>r << 2));
    const target = rows + offsetOf(r, D, 0);
    const source = x + offsetOf(max(slot, 0) / k, D, 0);
    for (let d: usize = 0; d < <usize>D << 6; d += 64) {
      store<f32>(target + d, slot < 0 ? 0 : load<f32>(source + d));
    }
  }
}

/** Panels [p0, p1) of dx (+)= Σ_j of the token's rows, ascending j; of tokens past T 0. */
export function gatherBack(
  dx: usize,
  drows: usize,
  places: usize,
  tokens: i32,
  k: i32,
  D: i32,
  p0: i32,
  p1: i32,
  adds: i32,
): void {
  const size = <usize>D << 6;
  if (!adds) memory.fill(dx + <usize>p0 * size, 0, <usize>(p1 - p0) * size);
  for (let t = p0 << 4; t < min(p1 << 4, tokens); t++) {
    const target = dx + offsetOf(t, D, 0);
    for (let j = 0; j < k; j++) {
      const source = drows + offsetOf(load<i32>(places + offsetOf(t, k, j)), D, 0);
      for (let d: usize = 0; d < size; d += 64) {
        store<f32>(target + d, load<f32>(target + d) + load<f32>(source + d));
      }
    }
  }
}

/** Panels [p0, p1) of y = Σ_j weight_j · row_j (+ shared), ascending j; shared 0: none. */
export function combineSlots(
  y: usize,
  rows: usize,
  weights: usize,
  places: usize,
  shared: usize,
  k: i32,
  D: i32,
  p0: i32,
  p1: i32,
): void {
  const size = <usize>D << 6;
  for (let t = p0 << 4; t < p1 << 4; t += 4) {
    const target = y + offsetOf(t, D, 0);
    for (let j = 0; j < k; j++) {
      const at = offsetOf(t, k, j);
      const weight = v128.load(weights + at);
      const a = rows + offsetOf(load<i32>(places + at), D, 0);
      const b = rows + offsetOf(load<i32>(places + at, 4), D, 0);
      const c = rows + offsetOf(load<i32>(places + at, 8), D, 0);
      const e = rows + offsetOf(load<i32>(places + at, 12), D, 0);
      for (let d: usize = 0; d < size; d += 64) {
        const sum = j === 0 ? f32x4.splat(0) : v128.load(target + d);
        v128.store(target + d, madd(weight, fourOf(a + d, b + d, c + d, e + d), sum));
      }
    }
    if (shared === 0) continue;
    const other = shared + offsetOf(t, D, 0);
    for (let d: usize = 0; d < size; d += 64) {
      v128.store(target + d, f32x4.add(v128.load(target + d), v128.load(other + d)));
    }
  }
}

/**
 * Slot panels [q0, q1): drow = weight · dy of its token, and dweight = Σ_d dy · row. Weights of
 * tokens past T get nothing.
 */
export function combineBack(
  drows: usize,
  dweights: usize,
  dy: usize,
  rows: usize,
  weights: usize,
  slots: usize,
  k: i32,
  D: i32,
  q0: i32,
  q1: i32,
): void {
  const size = <usize>D << 6;
  for (let r = q0 << 4; r < q1 << 4; r += 4) {
    const own = slots + (<usize>r << 2);
    const a = load<i32>(own);
    const b = load<i32>(own, 4);
    const c = load<i32>(own, 8);
    const e = load<i32>(own, 12);
    const at = offsetOf(r, D, 0);
    let weight = f32x4.splat(weightOf(weights, a, k));
    weight = f32x4.replace_lane(weight, 1, weightOf(weights, b, k));
    weight = f32x4.replace_lane(weight, 2, weightOf(weights, c, k));
    weight = f32x4.replace_lane(weight, 3, weightOf(weights, e, k));
    const dyA = dy + offsetOf(max(a, 0) / k, D, 0);
    const dyB = dy + offsetOf(max(b, 0) / k, D, 0);
    const dyC = dy + offsetOf(max(c, 0) / k, D, 0);
    const dyE = dy + offsetOf(max(e, 0) / k, D, 0);
    let sum = f32x4.splat(0);
    for (let d: usize = 0; d < size; d += 64) {
      const flow = fourOf(dyA + d, dyB + d, dyC + d, dyE + d);
      sum = madd(flow, v128.load(rows + at + d), sum);
      v128.store(drows + at + d, f32x4.mul(weight, flow));
    }
    if (a >= 0) store<f32>(dweights + slotOffset(a, k), f32x4.extract_lane(sum, 0));
    if (b >= 0) store<f32>(dweights + slotOffset(b, k), f32x4.extract_lane(sum, 1));
    if (c >= 0) store<f32>(dweights + slotOffset(c, k), f32x4.extract_lane(sum, 2));
    if (e >= 0) store<f32>(dweights + slotOffset(e, k), f32x4.extract_lane(sum, 3));
  }
}

/** Where column d of row t lies, of rows in panels of a width. */
// @ts-ignore: decorator
@inline
export function offsetOf(t: i32, width: i32, d: i32): usize {
  return (<usize>((t >> 4) * width + d) << 6) + (<usize>(t & 15) << 2);
}

// @ts-ignore: decorator
@inline
function slotOffset(slot: i32, k: i32): usize {
  return offsetOf(slot / k, k, slot % k);
}

// @ts-ignore: decorator
@inline
function weightOf(weights: usize, slot: i32, k: i32): f32 {
  return slot < 0 ? 0 : load<f32>(weights + slotOffset(slot, k));
}

/** Four numbers from four places. */
// @ts-ignore: decorator
@inline
function fourOf(a: usize, b: usize, c: usize, d: usize): v128 {
  let four = v128.load32_zero(a);
  four = v128.load_lane<f32>(b, four, 1);
  four = v128.load_lane<f32>(c, four, 2);
  return v128.load_lane<f32>(d, four, 3);
}
