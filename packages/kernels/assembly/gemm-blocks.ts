/**
 * Register blocks of the matrix × matrix kernels: up to 6 tokens × 8, 16 or 32 outputs.
 *
 * Each walks `count` inputs of a panel of f32 weights, [k][32 outputs], and adds to T rows of y. A
 * scalar type continues its chains from y; a block type starts at +0 and joins y by its scale:
 *
 *   scale = 0   y = w[count] · x[count] + … + y             chains parked in y between calls
 *   scale ≠ 0   y = (chain from +0) · scale[output] + y     `scale`: address of 32 f32
 *
 * 12 accumulators, 2 weights and 1 input fill the 16 vector registers of x64; loads come in pairs at
 * +0 and +16, so that V8 can fuse two halves into 256 bits where asked to.
 */
import { madd } from './fma';

/** Bytes of the weights of one input. */
const STEP: usize = 128;

// @ts-ignore: decorator
@inline
function start(y: usize, offset: usize, scale: usize): v128 {
  return scale ? f32x4.splat(0) : v128.load(y + offset);
}

// @ts-ignore: decorator
@inline
function finish(y: usize, offset: usize, sum: v128, scale: usize): void {
  v128.store(
    y + offset,
    scale ? madd(sum, v128.load(scale + offset), v128.load(y + offset)) : sum,
  );
}

/** One token × 32 outputs. */
export function block1(y: usize, w: usize, x: usize, count: i32, scale: usize): void {
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let a2 = start(y, 32, scale);
  let a3 = start(y, 48, scale);
  let a4 = start(y, 64, scale);
  let a5 = start(y, 80, scale);
  let a6 = start(y, 96, scale);
  let a7 = start(y, 112, scale);
  for (; count > 0; count--) {
    const s = v128.load32_splat(x);
    a0 = madd(v128.load(w), s, a0);
    a1 = madd(v128.load(w, 16), s, a1);
    a2 = madd(v128.load(w, 32), s, a2);
    a3 = madd(v128.load(w, 48), s, a3);
    a4 = madd(v128.load(w, 64), s, a4);
    a5 = madd(v128.load(w, 80), s, a5);
    a6 = madd(v128.load(w, 96), s, a6);
    a7 = madd(v128.load(w, 112), s, a7);
    x += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y, 32, a2, scale);
  finish(y, 48, a3, scale);
  finish(y, 64, a4, scale);
  finish(y, 80, a5, scale);
  finish(y, 96, a6, scale);
  finish(y, 112, a7, scale);
}

/** Two tokens × 16 outputs. */
export function block2(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let a2 = start(y, 32, scale);
  let a3 = start(y, 48, scale);
  let b0 = start(y1, 0, scale);
  let b1 = start(y1, 16, scale);
  let b2 = start(y1, 32, scale);
  let b3 = start(y1, 48, scale);
  for (; count > 0; count--) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    let s = v128.load32_splat(x);
    a0 = madd(w0, s, a0);
    a1 = madd(w1, s, a1);
    a2 = madd(w2, s, a2);
    a3 = madd(w3, s, a3);
    s = v128.load32_splat(x1);
    b0 = madd(w0, s, b0);
    b1 = madd(w1, s, b1);
    b2 = madd(w2, s, b2);
    b3 = madd(w3, s, b3);
    x += 4;
    x1 += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y, 32, a2, scale);
  finish(y, 48, a3, scale);
  finish(y1, 0, b0, scale);
  finish(y1, 16, b1, scale);
  finish(y1, 32, b2, scale);
  finish(y1, 48, b3, scale);
}

/** Three tokens × 16 outputs. */
export function block3(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let a2 = start(y, 32, scale);
  let a3 = start(y, 48, scale);
  let b0 = start(y1, 0, scale);
  let b1 = start(y1, 16, scale);
  let b2 = start(y1, 32, scale);
  let b3 = start(y1, 48, scale);
  let c0 = start(y2, 0, scale);
  let c1 = start(y2, 16, scale);
  let c2 = start(y2, 32, scale);
  let c3 = start(y2, 48, scale);
  for (; count > 0; count--) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    let s = v128.load32_splat(x);
    a0 = madd(w0, s, a0);
    a1 = madd(w1, s, a1);
    a2 = madd(w2, s, a2);
    a3 = madd(w3, s, a3);
    s = v128.load32_splat(x1);
    b0 = madd(w0, s, b0);
    b1 = madd(w1, s, b1);
    b2 = madd(w2, s, b2);
    b3 = madd(w3, s, b3);
    s = v128.load32_splat(x2);
    c0 = madd(w0, s, c0);
    c1 = madd(w1, s, c1);
    c2 = madd(w2, s, c2);
    c3 = madd(w3, s, c3);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y, 32, a2, scale);
  finish(y, 48, a3, scale);
  finish(y1, 0, b0, scale);
  finish(y1, 16, b1, scale);
  finish(y1, 32, b2, scale);
  finish(y1, 48, b3, scale);
  finish(y2, 0, c0, scale);
  finish(y2, 16, c1, scale);
  finish(y2, 32, c2, scale);
  finish(y2, 48, c3, scale);
}

/** Four tokens × 8 outputs. */
export function block4(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let b0 = start(y1, 0, scale);
  let b1 = start(y1, 16, scale);
  let c0 = start(y2, 0, scale);
  let c1 = start(y2, 16, scale);
  let d0 = start(y3, 0, scale);
  let d1 = start(y3, 16, scale);
  for (; count > 0; count--) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let s = v128.load32_splat(x);
    a0 = madd(w0, s, a0);
    a1 = madd(w1, s, a1);
    s = v128.load32_splat(x1);
    b0 = madd(w0, s, b0);
    b1 = madd(w1, s, b1);
    s = v128.load32_splat(x2);
    c0 = madd(w0, s, c0);
    c1 = madd(w1, s, c1);
    s = v128.load32_splat(x3);
    d0 = madd(w0, s, d0);
    d1 = madd(w1, s, d1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y1, 0, b0, scale);
  finish(y1, 16, b1, scale);
  finish(y2, 0, c0, scale);
  finish(y2, 16, c1, scale);
  finish(y3, 0, d0, scale);
  finish(y3, 16, d1, scale);
}

/** Five tokens × 8 outputs. */
export function block5(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let b0 = start(y1, 0, scale);
  let b1 = start(y1, 16, scale);
  let c0 = start(y2, 0, scale);
  let c1 = start(y2, 16, scale);
  let d0 = start(y3, 0, scale);
  let d1 = start(y3, 16, scale);
  let e0 = start(y4, 0, scale);
  let e1 = start(y4, 16, scale);
  for (; count > 0; count--) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let s = v128.load32_splat(x);
    a0 = madd(w0, s, a0);
    a1 = madd(w1, s, a1);
    s = v128.load32_splat(x1);
    b0 = madd(w0, s, b0);
    b1 = madd(w1, s, b1);
    s = v128.load32_splat(x2);
    c0 = madd(w0, s, c0);
    c1 = madd(w1, s, c1);
    s = v128.load32_splat(x3);
    d0 = madd(w0, s, d0);
    d1 = madd(w1, s, d1);
    s = v128.load32_splat(x4);
    e0 = madd(w0, s, e0);
    e1 = madd(w1, s, e1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y1, 0, b0, scale);
  finish(y1, 16, b1, scale);
  finish(y2, 0, c0, scale);
  finish(y2, 16, c1, scale);
  finish(y3, 0, d0, scale);
  finish(y3, 16, d1, scale);
  finish(y4, 0, e0, scale);
  finish(y4, 16, e1, scale);
}

/** Six tokens × 8 outputs. */
export function block6(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  const y5 = y4 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let x5 = x4 + xStride;
  let a0 = start(y, 0, scale);
  let a1 = start(y, 16, scale);
  let b0 = start(y1, 0, scale);
  let b1 = start(y1, 16, scale);
  let c0 = start(y2, 0, scale);
  let c1 = start(y2, 16, scale);
  let d0 = start(y3, 0, scale);
  let d1 = start(y3, 16, scale);
  let e0 = start(y4, 0, scale);
  let e1 = start(y4, 16, scale);
  let f0 = start(y5, 0, scale);
  let f1 = start(y5, 16, scale);
  for (; count > 0; count--) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let s = v128.load32_splat(x);
    a0 = madd(w0, s, a0);
    a1 = madd(w1, s, a1);
    s = v128.load32_splat(x1);
    b0 = madd(w0, s, b0);
    b1 = madd(w1, s, b1);
    s = v128.load32_splat(x2);
    c0 = madd(w0, s, c0);
    c1 = madd(w1, s, c1);
    s = v128.load32_splat(x3);
    d0 = madd(w0, s, d0);
    d1 = madd(w1, s, d1);
    s = v128.load32_splat(x4);
    e0 = madd(w0, s, e0);
    e1 = madd(w1, s, e1);
    s = v128.load32_splat(x5);
    f0 = madd(w0, s, f0);
    f1 = madd(w1, s, f1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += STEP;
  }
  finish(y, 0, a0, scale);
  finish(y, 16, a1, scale);
  finish(y1, 0, b0, scale);
  finish(y1, 16, b1, scale);
  finish(y2, 0, c0, scale);
  finish(y2, 16, c1, scale);
  finish(y3, 0, d0, scale);
  finish(y3, 16, d1, scale);
  finish(y4, 0, e0, scale);
  finish(y4, 16, e1, scale);
  finish(y5, 0, f0, scale);
  finish(y5, 16, f1, scale);
}
