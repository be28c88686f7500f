/**
 * Rows of bytes in the order of byte rows, and their sums: what most block types become on the way.
 *
 *   row of an input   8 words; byte j of word i is output 8j + i
 *
 * So the byte j of all words is eight neighboring outputs: pairs of 128-bit operations differ in
 * addresses alone, and V8 can fuse them into 256 bits where asked to. Integers move to the top
 * byte of a word, which multiplies them by 2^24.
 */
import { madd } from '../fma';
import { PANEL, PANEL_ROW, STRETCH } from '../gemm';
import { low, pairs, storeTransposed, storeWords } from '../transpose';

/** Bytes of a row. */
export const BYTE_ROW: usize = 32;

/** Scratch for 32 rows, behind the minima of a stretch of groups of 32 inputs. */
// @ts-ignore: decorator
@inline
export function bytesBehind(minima: usize): usize {
  return minima + <usize>(STRETCH >> 5) * PANEL_ROW;
}

/** Turns `count` bytes of up to 32 rows into `count` rows of byte rows, zero-padded. */
export function packByteRows(
  target: usize,
  source: usize,
  rowBytes: usize,
  rowCount: i32,
  count: i32,
): void {
  let k = 0;
  if (rowCount === PANEL) {
    for (; k + 8 <= count; k += 8) packEight(target + ((<usize>k) << 5), source + k, rowBytes);
  }
  if (rowCount === PANEL && k + 4 <= count) {
    packFour(target + ((<usize>k) << 5), source + k, rowBytes);
    k += 4;
  }
  for (; k < count; k++) {
    const to = target + ((<usize>k) << 5);
    for (let n = 0; n < PANEL; n++) {
      const byte: u8 = n < rowCount ? load<u8>(source + <usize>k + <usize>n * rowBytes) : 0;
      store<u8>(to + byteRowOffset(n), byte);
    }
  }
}

/** Byte offset of output n in a row. */
// @ts-ignore: decorator
@inline
export function byteRowOffset(n: i32): usize {
  return <usize>(((n & 7) << 2) + (n >> 3));
}

/** 8 bytes of 32 rows. */
function packEight(target: usize, source: usize, rowBytes: usize): void {
  const far = rowBytes << 3;
  for (let half: usize = 0; half < 32; half += 16) {
    const r0 = source + (half >> 2) * rowBytes;
    const r1 = r0 + rowBytes;
    const r2 = r1 + rowBytes;
    const r3 = r2 + rowBytes;
    storeWords(
      target + half,
      32,
      pairs(r0, r0 + far),
      pairs(r0 + 2 * far, r0 + 3 * far),
      pairs(r1, r1 + far),
      pairs(r1 + 2 * far, r1 + 3 * far),
      pairs(r2, r2 + far),
      pairs(r2 + 2 * far, r2 + 3 * far),
      pairs(r3, r3 + far),
      pairs(r3 + 2 * far, r3 + 3 * far),
    );
  }
}

/** 4 bytes of 32 rows; reads 8 of each. */
function packFour(target: usize, source: usize, rowBytes: usize): void {
  const far = rowBytes << 3;
  for (let half: usize = 0; half < 32; half += 16) {
    const r0 = source + (half >> 2) * rowBytes;
    const r1 = r0 + rowBytes;
    const r2 = r1 + rowBytes;
    const r3 = r2 + rowBytes;
    storeTransposed(
      target + half,
      32,
      low(pairs(r0, r0 + far), pairs(r0 + 2 * far, r0 + 3 * far)),
      low(pairs(r1, r1 + far), pairs(r1 + 2 * far, r1 + 3 * far)),
      low(pairs(r2, r2 + far), pairs(r2 + 2 * far, r2 + 3 * far)),
      low(pairs(r3, r3 + far), pairs(r3 + 2 * far, r3 + 3 * far)),
    );
  }
}

/** The bits of the top byte of a word. */
// @ts-ignore: decorator
@inline
export function topByteMask(hidden: i32): v128 {
  return i32x4.splat(0xff000000 | hidden);
}

/** Byte j of each word as f32, times 2^24. */
// @ts-ignore: decorator
@inline
export function byteValue(words: v128, j: i32, mask: v128): v128 {
  if (j === 0) return f32x4.convert_i32x4_s(i32x4.shl(words, 24));
  if (j === 3) return f32x4.convert_i32x4_s(v128.and(words, mask));
  return f32x4.convert_i32x4_s(v128.and(i32x4.shl(words, 24 - 8 * j), mask));
}

/** `count` rows of signed bytes as f32 · 2^24; may start 3/4 into the target. */
export function decodeByteRows(target: usize, source: usize, count: i32, hidden: i32): void {
  const mask = topByteMask(hidden);
  for (; count > 0; count--) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    v128.store(target, byteValue(a, 0, mask));
    v128.store(target, byteValue(b, 0, mask), 16);
    v128.store(target, byteValue(a, 1, mask), 32);
    v128.store(target, byteValue(b, 1, mask), 48);
    v128.store(target, byteValue(a, 2, mask), 64);
    v128.store(target, byteValue(b, 2, mask), 80);
    v128.store(target, byteValue(a, 3, mask), 96);
    v128.store(target, byteValue(b, 3, mask), 112);
    source += BYTE_ROW;
    target += PANEL_ROW;
  }
}

/** One token × `count` rows of signed bytes; y = sum · scale + y. */
export function vectorByteRows(
  y: usize,
  w: usize,
  x: usize,
  count: i32,
  scales: usize,
  hidden: i32,
): void {
  const mask = topByteMask(hidden);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (; count > 0; count--) {
    const s = v128.load32_splat(x);
    const a = v128.load(w);
    const b = v128.load(w, 16);
    a0 = madd(byteValue(a, 0, mask), s, a0);
    b0 = madd(byteValue(b, 0, mask), s, b0);
    a1 = madd(byteValue(a, 1, mask), s, a1);
    b1 = madd(byteValue(b, 1, mask), s, b1);
    a2 = madd(byteValue(a, 2, mask), s, a2);
    b2 = madd(byteValue(b, 2, mask), s, b2);
    a3 = madd(byteValue(a, 3, mask), s, a3);
    b3 = madd(byteValue(b, 3, mask), s, b3);
    x += 4;
    w += BYTE_ROW;
  }
  joinByteRows(y, scales, a0, b0, a1, b1, a2, b2, a3, b3);
}

/** y = sum · scale + y for 32 outputs; all loads come before all stores, so that V8 fuses them. */
// @ts-ignore: decorator
@inline
export function joinByteRows(
  y: usize,
  scales: usize,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
): void {
  const s0 = madd(a0, v128.load(scales), v128.load(y));
  const t0 = madd(b0, v128.load(scales, 16), v128.load(y, 16));
  const s1 = madd(a1, v128.load(scales, 32), v128.load(y, 32));
  const t1 = madd(b1, v128.load(scales, 48), v128.load(y, 48));
  const s2 = madd(a2, v128.load(scales, 64), v128.load(y, 64));
  const t2 = madd(b2, v128.load(scales, 80), v128.load(y, 80));
  const s3 = madd(a3, v128.load(scales, 96), v128.load(y, 96));
  const t3 = madd(b3, v128.load(scales, 112), v128.load(y, 112));
  v128.store(y, s0);
  v128.store(y, t0, 16);
  v128.store(y, s1, 32);
  v128.store(y, t1, 48);
  v128.store(y, s2, 64);
  v128.store(y, t2, 80);
  v128.store(y, s3, 96);
  v128.store(y, t3, 112);
}

/** y = xSum · minimum + y for 32 outputs, after a function that stored y. */
// @ts-ignore: decorator
@inline
export function joinMinima(y: usize, minima: usize, xSum: usize): void {
  const s = v128.load32_splat(xSum);
  joinByteRows(y, minima, s, s, s, s, s, s, s, s);
}

/** y = sum · scale + y, then y = xSum · minimum + y. */
// @ts-ignore: decorator
@inline
export function joinBoth(
  y: usize,
  scales: usize,
  minima: usize,
  xSum: usize,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
): void {
  const s = v128.load32_splat(xSum);
  const ja0 = madd(s, v128.load(minima, 0), madd(a0, v128.load(scales, 0), v128.load(y, 0)));
  const jb0 = madd(s, v128.load(minima, 16), madd(b0, v128.load(scales, 16), v128.load(y, 16)));
  const ja1 = madd(s, v128.load(minima, 32), madd(a1, v128.load(scales, 32), v128.load(y, 32)));
  const jb1 = madd(s, v128.load(minima, 48), madd(b1, v128.load(scales, 48), v128.load(y, 48)));
  const ja2 = madd(s, v128.load(minima, 64), madd(a2, v128.load(scales, 64), v128.load(y, 64)));
  const jb2 = madd(s, v128.load(minima, 80), madd(b2, v128.load(scales, 80), v128.load(y, 80)));
  const ja3 = madd(s, v128.load(minima, 96), madd(a3, v128.load(scales, 96), v128.load(y, 96)));
  const jb3 = madd(s, v128.load(minima, 112), madd(b3, v128.load(scales, 112), v128.load(y, 112)));
  v128.store(y, ja0, 0);
  v128.store(y, jb0, 16);
  v128.store(y, ja1, 32);
  v128.store(y, jb1, 48);
  v128.store(y, ja2, 64);
  v128.store(y, jb2, 80);
  v128.store(y, ja3, 96);
  v128.store(y, jb3, 112);
}
