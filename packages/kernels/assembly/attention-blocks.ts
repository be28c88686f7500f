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
