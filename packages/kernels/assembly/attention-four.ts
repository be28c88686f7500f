/**
 * Attention of four rows that share a KV head: keys and values are read once, and four chains hide
 * each other's latency. No row sees another's numbers: the bits are those of a row alone.
 *
 *   state   p [4][16] | largest [4] | weight [4] | kept [4]
 */
import { addFourValues, addValues, clearRow, divideRow } from './attention-blocks';
import { exp4 } from './exp';
import { madd } from './fma';

const LARGEST: usize = 256;
const WEIGHT: usize = 272;
const KEPT: usize = 288;

/** What four rows begin with. */
export function startFour(
  state: usize,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  headWidth: i32,
): void {
  v128.store(state, f32x4.splat(-f32.MAX_VALUE), LARGEST);
  v128.store(state, f32x4.splat(0), WEIGHT);
  clearRow(out0, headWidth);
  clearRow(out1, headWidth);
  clearRow(out2, headWidth);
  clearRow(out3, headWidth);
}

/** Lets a row, whose state is at `state`, begin with the sink at an address. */
export function startWithSink(state: usize, sink: usize): void {
  store<f32>(state, load<f32>(sink), LARGEST);
  store<f32>(state, 1, WEIGHT);
}

/** Folds scored tokens of a KV block, of which row r sees `lanes_r`. */
export function foldFour(
  state: usize,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  keys: usize,
  headWidth: i32,
  lanes0: i32,
  lanes1: i32,
  lanes2: i32,
  lanes3: i32,
): void {
  const common = lanes0 & lanes1 & lanes2 & lanes3;
  if (common !== 0xffff) {
    maskHidden(state, lanes0);
    maskHidden(state + 64, lanes1);
    maskHidden(state + 128, lanes2);
    maskHidden(state + 192, lanes3);
  }
  weighFour(state);
  const rowBytes = <usize>headWidth << 2;
  const values = keys + (rowBytes << 4);
  // The common tokens come first unless a row sees some before them: then each row goes alone.
  const begin = ctz(common);
  if (common === 0 || ((lanes0 | lanes1 | lanes2 | lanes3) & ((1 << begin) - 1)) !== 0) {
    addValues(out0, state, values, headWidth, load<f32>(state, KEPT), lanes0);
    addValues(out1, state + 64, values, headWidth, load<f32>(state, KEPT + 4), lanes1);
    addValues(out2, state + 128, values, headWidth, load<f32>(state, KEPT + 8), lanes2);
    addValues(out3, state + 192, values, headWidth, load<f32>(state, KEPT + 12), lanes3);
    return;
  }
  const first = values + rowBytes * begin;
  const p = state + (<usize>begin << 2);
  addFourValues(out0, out1, out2, out3, p, state + KEPT, first, headWidth, popcnt(common));
  const later1 = lanes1 & ~common;
  const later2 = lanes2 & ~common;
  const later3 = lanes3 & ~common;
  if (later1 !== 0) addValues(out1, state + 64, values, headWidth, 1, later1);
  if (later2 !== 0) addValues(out2, state + 128, values, headWidth, 1, later2);
  if (later3 !== 0) addValues(out3, state + 192, values, headWidth, 1, later3);
}

/** Scores of lanes that are not seen become -∞. */
function maskHidden(p: usize, lanes: i32): void {
  for (let hidden = lanes ^ 0xffff; hidden !== 0; hidden &= hidden - 1) {
    store<f32>(p + (<usize>ctz(hidden) << 2), -Infinity);
  }
}

/** Turns 4 × 16 scores into p = exp(score - largest), and moves the rows' state on. */
function weighFour(state: usize): void {
  const before = v128.load(state, LARGEST);
  const largest = f32x4.pmax(before, acrossRows(state, true));
  const kept = exp4(f32x4.sub(before, largest));
  v128.store(state, largest, LARGEST);
  v128.store(state, kept, KEPT);
  for (let row: usize = 0; row < 4; row++) {
    const p = state + (row << 6);
    const m = v128.load32_splat(state + (row << 2), LARGEST);
    const a = exp4(f32x4.sub(v128.load(p), m));
    const b = exp4(f32x4.sub(v128.load(p, 16), m));
    const c = exp4(f32x4.sub(v128.load(p, 32), m));
    const d = exp4(f32x4.sub(v128.load(p, 48), m));
    v128.store(p, a);
    v128.store(p, b, 16);
    v128.store(p, c, 32);
    v128.store(p, d, 48);
  }
  const sum = acrossRows(state, false);
  v128.store(state, madd(v128.load(state, WEIGHT), kept, sum), WEIGHT);
}

/** The largest, or the canonical sum, of each row's 16 numbers, one row to a lane. */
function acrossRows(p: usize, isLargest: bool): v128 {
  const r0 = ofRow(p, isLargest);
  const r1 = ofRow(p + 64, isLargest);
  const r2 = ofRow(p + 128, isLargest);
  const r3 = ofRow(p + 192, isLargest);
  const low = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const lowLater = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const highLater = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  const first = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
  const second = v128.shuffle<f32>(low, high, 2, 3, 6, 7);
  const third = v128.shuffle<f32>(lowLater, highLater, 0, 1, 4, 5);
  const fourth = v128.shuffle<f32>(lowLater, highLater, 2, 3, 6, 7);
  return join(join(first, second, isLargest), join(third, fourth, isLargest), isLargest);
}

// @ts-ignore: decorator
@inline
function ofRow(p: usize, isLargest: bool): v128 {
  const low = join(v128.load(p), v128.load(p, 16), isLargest);
  return join(low, join(v128.load(p, 32), v128.load(p, 48), isLargest), isLargest);
}

// @ts-ignore: decorator
@inline
function join(a: v128, b: v128, isLargest: bool): v128 {
  return isLargest ? f32x4.pmax(a, b) : f32x4.add(a, b);
}

/** What four rows end with: each is divided by its weight. */
export function divideFour(
  state: usize,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  headWidth: i32,
): void {
  divideRow(out0, load<f32>(state, WEIGHT), headWidth);
  divideRow(out1, load<f32>(state, WEIGHT + 4), headWidth);
  divideRow(out2, load<f32>(state, WEIGHT + 8), headWidth);
  divideRow(out3, load<f32>(state, WEIGHT + 12), headWidth);
}
