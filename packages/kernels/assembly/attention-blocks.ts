/**
 * The two products of attention over one KV block, for one row and for two.
 *
 * Scores: chains over headWidth, 16 tokens side by side. Values: chains over tokens, elements of
 * the head side by side. K is [headWidth][16 tokens], V [16 tokens][headWidth].
 */
import { madd } from './fma';

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

/** The same for two rows. */
export function scoreBlockTwice(
  p: usize,
  p1: usize,
  q: usize,
  q1: usize,
  k: usize,
  headWidth: i32,
  scale: f32,
): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let a1 = a;
  let b1 = a;
  let c1 = a;
  let d1 = a;
  for (; headWidth > 0; headWidth--) {
    const s = v128.load32_splat(q);
    const s1 = v128.load32_splat(q1);
    let keys = v128.load(k);
    a = madd(keys, s, a);
    a1 = madd(keys, s1, a1);
    keys = v128.load(k, 16);
    b = madd(keys, s, b);
    b1 = madd(keys, s1, b1);
    keys = v128.load(k, 32);
    c = madd(keys, s, c);
    c1 = madd(keys, s1, c1);
    keys = v128.load(k, 48);
    d = madd(keys, s, d);
    d1 = madd(keys, s1, d1);
    q += 4;
    q1 += 4;
    k += 64;
  }
  storeScores(p, a, b, c, d, scale);
  storeScores(p1, a1, b1, c1, d1, scale);
}

function storeScores(p: usize, a: v128, b: v128, c: v128, d: v128, scale: f32): void {
  const factor = f32x4.splat(scale);
  v128.store(p, f32x4.mul(a, factor));
  v128.store(p, f32x4.mul(b, factor), 16);
  v128.store(p, f32x4.mul(c, factor), 32);
  v128.store(p, f32x4.mul(d, factor), 48);
}

/** out = out · kept, then + p[j] · v[j] per token, in ascending order. */
export function addValues(
  out: usize,
  p: usize,
  v: usize,
  headWidth: i32,
  kept: f32,
  tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const factor = f32x4.splat(kept);
  const end = p + (<usize>tokens << 2);
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

/** The same for two rows that see the same tokens. */
export function addValuesTwice(
  out: usize,
  out1: usize,
  p: usize,
  p1: usize,
  v: usize,
  headWidth: i32,
  kept: f32,
  kept1: f32,
  tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const bytes = <usize>tokens << 2;
  for (; headWidth >= 16; headWidth -= 16) {
    addWideValuesTwice(out, out1, p, p1, v, kept, kept1, bytes, rowBytes);
    out += 64;
    out1 += 64;
    v += 64;
  }
  addNarrowValues(out, p, v, headWidth, kept, p + bytes, rowBytes);
  addNarrowValues(out1, p1, v, headWidth, kept1, p1 + bytes, rowBytes);
}

/** 16 elements of two heads. */
function addWideValuesTwice(
  out: usize,
  out1: usize,
  p: usize,
  p1: usize,
  v: usize,
  kept: f32,
  kept1: f32,
  bytes: usize,
  rowBytes: usize,
): void {
  let factor = f32x4.splat(kept);
  let a = f32x4.mul(v128.load(out), factor);
  let b = f32x4.mul(v128.load(out, 16), factor);
  let c = f32x4.mul(v128.load(out, 32), factor);
  let d = f32x4.mul(v128.load(out, 48), factor);
  factor = f32x4.splat(kept1);
  let a1 = f32x4.mul(v128.load(out1), factor);
  let b1 = f32x4.mul(v128.load(out1, 16), factor);
  let c1 = f32x4.mul(v128.load(out1, 32), factor);
  let d1 = f32x4.mul(v128.load(out1, 48), factor);
  for (let at: usize = 0; at < bytes; at += 4) {
    const s = v128.load32_splat(p + at);
    const s1 = v128.load32_splat(p1 + at);
    let values = v128.load(v);
    a = madd(s, values, a);
    a1 = madd(s1, values, a1);
    values = v128.load(v, 16);
    b = madd(s, values, b);
    b1 = madd(s1, values, b1);
    values = v128.load(v, 32);
    c = madd(s, values, c);
    c1 = madd(s1, values, c1);
    values = v128.load(v, 48);
    d = madd(s, values, d);
    d1 = madd(s1, values, d1);
    v += rowBytes;
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out1, a1);
  v128.store(out1, b1, 16);
  v128.store(out1, c1, 32);
  v128.store(out1, d1, 48);
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
