/**
 * The two products of attention over one KV block, for one row and for four.
 *
 * Scores: chains over headWidth, 16 tokens side by side. Values: chains over tokens, elements of
 * the head side by side. K is [headWidth][16 tokens], V [16 tokens][headWidth].
 */
import { madd } from './fma';
import { scores16, scores8, values16, values8 } from './generated/attention-blocks';
import { WIDE } from './wide';

/** p[j] = (q · k[j]) · scale for 16 tokens. */
export function scoreBlock(p: usize, q: usize, k: usize, headWidth: i32, scale: f32): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; headWidth > 0; headWidth--) {
    const s = v128.load32_splat(q);
    a = madd(v128.load(k), s, a);
    b = madd(v128.load(k, 16), s, b);
    c = madd(v128.load(k, 32), s, c);
    d = madd(v128.load(k, 48), s, d);
    q += 4;
    k += 64;
  }
  storeScores(p, a, b, c, d, scale);
}

/** The same for two rows, which read keys once. */
export function scoreTwoRows(
  p0: usize,
  p1: usize,
  q0: usize,
  q1: usize,
  k: usize,
  headWidth: i32,
  scale: f32,
): void {
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  let a1 = a0;
  let b1 = a0;
  let c1 = a0;
  let d1 = a0;
  for (; headWidth > 0; headWidth--) {
    const a = v128.load(k);
    const b = v128.load(k, 16);
    const c = v128.load(k, 32);
    const d = v128.load(k, 48);
    const s0 = v128.load32_splat(q0);
    a0 = madd(a, s0, a0);
    b0 = madd(b, s0, b0);
    c0 = madd(c, s0, c0);
    d0 = madd(d, s0, d0);
    const s1 = v128.load32_splat(q1);
    a1 = madd(a, s1, a1);
    b1 = madd(b, s1, b1);
    c1 = madd(c, s1, c1);
    d1 = madd(d, s1, d1);
    q0 += 4;
    q1 += 4;
    k += 64;
  }
  storeScores(p0, a0, b0, c0, d0, scale);
  storeScores(p1, a1, b1, c1, d1, scale);
}

/** The same for two blocks: as many chains again, which hide each other's latency. */
export function scoreTwoBlocks(
  p0: usize,
  p1: usize,
  q: usize,
  k0: usize,
  k1: usize,
  headWidth: i32,
  scale: f32,
): void {
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  let a1 = a0;
  let b1 = a0;
  let c1 = a0;
  let d1 = a0;
  for (; headWidth > 0; headWidth--) {
    const s = v128.load32_splat(q);
    a0 = madd(v128.load(k0), s, a0);
    b0 = madd(v128.load(k0, 16), s, b0);
    c0 = madd(v128.load(k0, 32), s, c0);
    d0 = madd(v128.load(k0, 48), s, d0);
    a1 = madd(v128.load(k1), s, a1);
    b1 = madd(v128.load(k1, 16), s, b1);
    c1 = madd(v128.load(k1, 32), s, c1);
    d1 = madd(v128.load(k1, 48), s, d1);
    q += 4;
    k0 += 64;
    k1 += 64;
  }
  storeScores(p0, a0, b0, c0, d0, scale);
  storeScores(p1, a1, b1, c1, d1, scale);
}

function storeScores(p: usize, a: v128, b: v128, c: v128, d: v128, scale: f32): void {
  const factor = f32x4.splat(scale);
  v128.store(p, f32x4.mul(a, factor));
  v128.store(p, f32x4.mul(b, factor), 16);
  v128.store(p, f32x4.mul(c, factor), 32);
  v128.store(p, f32x4.mul(d, factor), 48);
}

/** The same for four rows. p: [4][16]. */
export function scoreFour(
  p: usize,
  q0: usize,
  q1: usize,
  q2: usize,
  q3: usize,
  k: usize,
  headWidth: i32,
  scale: f32,
): void {
  if (WIDE) {
    scores16(p, q0, q1, q2, q3, k, headWidth, scale);
  } else {
    scores8(p, q0, q1, q2, q3, k, headWidth, scale);
    scores8(p + 32, q0, q1, q2, q3, k + 32, headWidth, scale);
  }
}

/** out = out · kept, then + p[j] · v[j] per token of `lanes`, in ascending order. */
export function addValues(
  out: usize,
  p: usize,
  v: usize,
  headWidth: i32,
  kept: f32,
  lanes: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const factor = f32x4.splat(kept);
  const begin = <usize>ctz(lanes);
  const end = p + (<usize>(32 - clz(lanes)) << 2);
  p += begin << 2;
  v += begin * rowBytes;
  for (; headWidth >= 32; headWidth -= 32) {
    addValues32(out, p, end, v, rowBytes, factor);
    out += 128;
    v += 128;
  }
  for (; headWidth >= 16; headWidth -= 16) {
    let a = f32x4.mul(v128.load(out), factor);
    let b = f32x4.mul(v128.load(out, 16), factor);
    let c = f32x4.mul(v128.load(out, 32), factor);
    let d = f32x4.mul(v128.load(out, 48), factor);
    let row = v;
    for (let at = p; at < end; at += 4) {
      const s = v128.load32_splat(at);
      a = madd(s, v128.load(row), a);
      b = madd(s, v128.load(row, 16), b);
      c = madd(s, v128.load(row, 32), c);
      d = madd(s, v128.load(row, 48), d);
      row += rowBytes;
    }
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
    v += 64;
  }
  addNarrowValues(out, p, v, headWidth, kept, end, rowBytes);
}

/** 32 elements: as many chains as fit the registers, which hide each other's latency. */
// @ts-ignore: decorator
@inline
function addValues32(
  out: usize,
  p: usize,
  end: usize,
  v: usize,
  rowBytes: usize,
  factor: v128,
): void {
  let a = f32x4.mul(v128.load(out), factor);
  let b = f32x4.mul(v128.load(out, 16), factor);
  let c = f32x4.mul(v128.load(out, 32), factor);
  let d = f32x4.mul(v128.load(out, 48), factor);
  let e = f32x4.mul(v128.load(out, 64), factor);
  let f = f32x4.mul(v128.load(out, 80), factor);
  let g = f32x4.mul(v128.load(out, 96), factor);
  let h = f32x4.mul(v128.load(out, 112), factor);
  for (; p < end; p += 4) {
    const s = v128.load32_splat(p);
    a = madd(s, v128.load(v), a);
    b = madd(s, v128.load(v, 16), b);
    c = madd(s, v128.load(v, 32), c);
    d = madd(s, v128.load(v, 48), d);
    e = madd(s, v128.load(v, 64), e);
    f = madd(s, v128.load(v, 80), f);
    g = madd(s, v128.load(v, 96), g);
    h = madd(s, v128.load(v, 112), h);
    v += rowBytes;
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
}

/** The same for two rows, which read values once, over `lanes` of both. */
export function addTwoValues(
  out0: usize,
  out1: usize,
  p0: usize,
  p1: usize,
  v: usize,
  headWidth: i32,
  kept0: f32,
  kept1: f32,
  lanes: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const factor0 = f32x4.splat(kept0);
  const factor1 = f32x4.splat(kept1);
  const begin = <usize>ctz(lanes);
  const end = p0 + (<usize>(32 - clz(lanes)) << 2);
  p0 += begin << 2;
  p1 += begin << 2;
  v += begin * rowBytes;
  for (; headWidth >= 16; headWidth -= 16) {
    let a0 = f32x4.mul(v128.load(out0), factor0);
    let b0 = f32x4.mul(v128.load(out0, 16), factor0);
    let c0 = f32x4.mul(v128.load(out0, 32), factor0);
    let d0 = f32x4.mul(v128.load(out0, 48), factor0);
    let a1 = f32x4.mul(v128.load(out1), factor1);
    let b1 = f32x4.mul(v128.load(out1, 16), factor1);
    let c1 = f32x4.mul(v128.load(out1, 32), factor1);
    let d1 = f32x4.mul(v128.load(out1, 48), factor1);
    let row = v;
    let at1 = p1;
    for (let at = p0; at < end; at += 4) {
      const a = v128.load(row);
      const b = v128.load(row, 16);
      const c = v128.load(row, 32);
      const d = v128.load(row, 48);
      const s0 = v128.load32_splat(at);
      a0 = madd(s0, a, a0);
      b0 = madd(s0, b, b0);
      c0 = madd(s0, c, c0);
      d0 = madd(s0, d, d0);
      const s1 = v128.load32_splat(at1);
      a1 = madd(s1, a, a1);
      b1 = madd(s1, b, b1);
      c1 = madd(s1, c, c1);
      d1 = madd(s1, d, d1);
      at1 += 4;
      row += rowBytes;
    }
    v128.store(out0, a0);
    v128.store(out0, b0, 16);
    v128.store(out0, c0, 32);
    v128.store(out0, d0, 48);
    v128.store(out1, a1);
    v128.store(out1, b1, 16);
    v128.store(out1, c1, 32);
    v128.store(out1, d1, 48);
    out0 += 64;
    out1 += 64;
    v += 64;
  }
  addNarrowValues(out0, p0, v, headWidth, kept0, end, rowBytes);
  addNarrowValues(out1, p1, v, headWidth, kept1, end - p0 + p1, rowBytes);
}

/** The same for four rows, over the first `tokens`. kept: [4] f32, p: [4][16]. */
export function addFourValues(
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  p: usize,
  kept: usize,
  v: usize,
  headWidth: i32,
  tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const width = WIDE ? 16 : 8;
  const bytes = <usize>width << 2;
  for (; headWidth >= width; headWidth -= width) {
    if (WIDE) values16(out0, out1, out2, out3, p, kept, v, rowBytes, tokens);
    else values8(out0, out1, out2, out3, p, kept, v, rowBytes, tokens);
    out0 += bytes;
    out1 += bytes;
    out2 += bytes;
    out3 += bytes;
    v += bytes;
  }
  const end = <usize>tokens << 2;
  addNarrowValues(out0, p, v, headWidth, load<f32>(kept), p + end, rowBytes);
  addNarrowValues(out1, p + 64, v, headWidth, load<f32>(kept, 4), p + 64 + end, rowBytes);
  addNarrowValues(out2, p + 128, v, headWidth, load<f32>(kept, 8), p + 128 + end, rowBytes);
  addNarrowValues(out3, p + 192, v, headWidth, load<f32>(kept, 12), p + 192 + end, rowBytes);
}

/** What is left of a head whose width is no multiple of 16: 4 elements at a time. */
function addNarrowValues(
  out: usize,
  p: usize,
  v: usize,
  width: i32,
  kept: f32,
  end: usize,
  rowBytes: usize,
): void {
  const factor = f32x4.splat(kept);
  for (; width > 0; width -= 4) {
    let a = f32x4.mul(v128.load(out), factor);
    let row = v;
    for (let at = p; at < end; at += 4) {
      a = madd(v128.load32_splat(at), v128.load(row), a);
      row += rowBytes;
    }
    v128.store(out, a);
    out += 16;
    v += 16;
  }
}

/** out = 0. */
export function clearRow(out: usize, headWidth: i32): void {
  for (; headWidth > 0; headWidth -= 4) {
    v128.store(out, f32x4.splat(0));
    out += 16;
  }
}

/** out = out / weight. */
export function divideRow(out: usize, weight: f32, headWidth: i32): void {
  const divisor = f32x4.splat(weight);
  for (; headWidth > 0; headWidth -= 4) {
    v128.store(out, f32x4.div(v128.load(out), divisor));
    out += 16;
  }
}
