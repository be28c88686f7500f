/** Register blocks, written by scripts/gemm-blocks.ts; do not edit. */

import { madd } from '../fma';

import { WIDE } from '../wide';

/** 1 tokens × 32 outputs. */
function chain1x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s0_4 = v128.load(y, 64);
  let s0_5 = v128.load(y, 80);
  let s0_6 = v128.load(y, 96);
  let s0_7 = v128.load(y, 112);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    x += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
}

/** 2 tokens × 16 outputs. */
function chain2x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    x += 4;
    x1 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
}

/** 3 tokens × 8 outputs. */
function chain3x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
}

/** 4 tokens × 8 outputs. */
function chain4x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
}

/** 5 tokens × 8 outputs. */
function chain5x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s4_0 = v128.load(y4, 0);
  let s4_1 = v128.load(y4, 16);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
}

/** 6 tokens × 8 outputs. */
function chain6x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
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
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s4_0 = v128.load(y4, 0);
  let s4_1 = v128.load(y4, 16);
  let s5_0 = v128.load(y5, 0);
  let s5_1 = v128.load(y5, 16);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
}

/** 2 tokens × 32 outputs. */
function chain2x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s0_4 = v128.load(y, 64);
  let s0_5 = v128.load(y, 80);
  let s0_6 = v128.load(y, 96);
  let s0_7 = v128.load(y, 112);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s1_4 = v128.load(y1, 64);
  let s1_5 = v128.load(y1, 80);
  let s1_6 = v128.load(y1, 96);
  let s1_7 = v128.load(y1, 112);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    s1_4 = madd(w4, i1, s1_4);
    s1_5 = madd(w5, i1, s1_5);
    s1_6 = madd(w6, i1, s1_6);
    s1_7 = madd(w7, i1, s1_7);
    x += 4;
    x1 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y1, s1_4, 64);
  v128.store(y1, s1_5, 80);
  v128.store(y1, s1_6, 96);
  v128.store(y1, s1_7, 112);
}

/** 3 tokens × 16 outputs. */
function chain3x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
}

/** 4 tokens × 16 outputs. */
function chain4x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s3_2 = v128.load(y3, 32);
  let s3_3 = v128.load(y3, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
}

/** 5 tokens × 16 outputs. */
function chain5x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s3_2 = v128.load(y3, 32);
  let s3_3 = v128.load(y3, 48);
  let s4_0 = v128.load(y4, 0);
  let s4_1 = v128.load(y4, 16);
  let s4_2 = v128.load(y4, 32);
  let s4_3 = v128.load(y4, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
}

/** 6 tokens × 16 outputs. */
function chain6x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
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
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s3_2 = v128.load(y3, 32);
  let s3_3 = v128.load(y3, 48);
  let s4_0 = v128.load(y4, 0);
  let s4_1 = v128.load(y4, 16);
  let s4_2 = v128.load(y4, 32);
  let s4_3 = v128.load(y4, 48);
  let s5_0 = v128.load(y5, 0);
  let s5_1 = v128.load(y5, 16);
  let s5_2 = v128.load(y5, 32);
  let s5_3 = v128.load(y5, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    s5_2 = madd(w2, i5, s5_2);
    s5_3 = madd(w3, i5, s5_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
  v128.store(y5, s5_2, 32);
  v128.store(y5, s5_3, 48);
}

/** Adds `count` inputs to 32 outputs of 1 to 6 tokens. */
export function addChain(tokens: i32, y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  if (WIDE) {
    if (tokens === 1) { chain1x32(y, yStride, w, x, xStride, count); return; }
    if (tokens === 2) { chain2x32(y, yStride, w, x, xStride, count); return; }
    if (tokens === 3) { chain3x16(y, yStride, w, x, xStride, count); chain3x16(y + 64, yStride, w + 64, x, xStride, count); return; }
    if (tokens === 4) { chain4x16(y, yStride, w, x, xStride, count); chain4x16(y + 64, yStride, w + 64, x, xStride, count); return; }
    if (tokens === 5) { chain5x16(y, yStride, w, x, xStride, count); chain5x16(y + 64, yStride, w + 64, x, xStride, count); return; }
    if (tokens === 6) { chain6x16(y, yStride, w, x, xStride, count); chain6x16(y + 64, yStride, w + 64, x, xStride, count); return; }
  }
  if (tokens === 1) { chain1x32(y, yStride, w, x, xStride, count); return; }
  if (tokens === 2) { chain2x16(y, yStride, w, x, xStride, count); chain2x16(y + 64, yStride, w + 64, x, xStride, count); return; }
  if (tokens === 3) { chain3x8(y, yStride, w, x, xStride, count); chain3x8(y + 32, yStride, w + 32, x, xStride, count); chain3x8(y + 64, yStride, w + 64, x, xStride, count); chain3x8(y + 96, yStride, w + 96, x, xStride, count); return; }
  if (tokens === 4) { chain4x8(y, yStride, w, x, xStride, count); chain4x8(y + 32, yStride, w + 32, x, xStride, count); chain4x8(y + 64, yStride, w + 64, x, xStride, count); chain4x8(y + 96, yStride, w + 96, x, xStride, count); return; }
  if (tokens === 5) { chain5x8(y, yStride, w, x, xStride, count); chain5x8(y + 32, yStride, w + 32, x, xStride, count); chain5x8(y + 64, yStride, w + 64, x, xStride, count); chain5x8(y + 96, yStride, w + 96, x, xStride, count); return; }
  if (tokens === 6) { chain6x8(y, yStride, w, x, xStride, count); chain6x8(y + 32, yStride, w + 32, x, xStride, count); chain6x8(y + 64, yStride, w + 64, x, xStride, count); chain6x8(y + 96, yStride, w + 96, x, xStride, count); return; }
}

/** 1 tokens × 32 outputs. */
function scaled1x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s0_4 = f32x4.splat(0);
  let s0_5 = f32x4.splat(0);
  let s0_6 = f32x4.splat(0);
  let s0_7 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    x += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s0_4 = madd(s0_4, v128.load(scale, 64), v128.load(y, 64));
  s0_5 = madd(s0_5, v128.load(scale, 80), v128.load(y, 80));
  s0_6 = madd(s0_6, v128.load(scale, 96), v128.load(y, 96));
  s0_7 = madd(s0_7, v128.load(scale, 112), v128.load(y, 112));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
}

/** 2 tokens × 16 outputs. */
function scaled2x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    x += 4;
    x1 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
}

/** 3 tokens × 8 outputs. */
function scaled3x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
}

/** 4 tokens × 8 outputs. */
function scaled4x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
}

/** 5 tokens × 8 outputs. */
function scaled5x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
}

/** 6 tokens × 8 outputs. */
function scaled6x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
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
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s5_0 = f32x4.splat(0);
  let s5_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s5_0 = madd(s5_0, v128.load(scale, 0), v128.load(y5, 0));
  s5_1 = madd(s5_1, v128.load(scale, 16), v128.load(y5, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
}

/** 2 tokens × 32 outputs. */
function scaled2x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s0_4 = f32x4.splat(0);
  let s0_5 = f32x4.splat(0);
  let s0_6 = f32x4.splat(0);
  let s0_7 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s1_4 = f32x4.splat(0);
  let s1_5 = f32x4.splat(0);
  let s1_6 = f32x4.splat(0);
  let s1_7 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    s1_4 = madd(w4, i1, s1_4);
    s1_5 = madd(w5, i1, s1_5);
    s1_6 = madd(w6, i1, s1_6);
    s1_7 = madd(w7, i1, s1_7);
    x += 4;
    x1 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s0_4 = madd(s0_4, v128.load(scale, 64), v128.load(y, 64));
  s0_5 = madd(s0_5, v128.load(scale, 80), v128.load(y, 80));
  s0_6 = madd(s0_6, v128.load(scale, 96), v128.load(y, 96));
  s0_7 = madd(s0_7, v128.load(scale, 112), v128.load(y, 112));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s1_4 = madd(s1_4, v128.load(scale, 64), v128.load(y1, 64));
  s1_5 = madd(s1_5, v128.load(scale, 80), v128.load(y1, 80));
  s1_6 = madd(s1_6, v128.load(scale, 96), v128.load(y1, 96));
  s1_7 = madd(s1_7, v128.load(scale, 112), v128.load(y1, 112));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y1, s1_4, 64);
  v128.store(y1, s1_5, 80);
  v128.store(y1, s1_6, 96);
  v128.store(y1, s1_7, 112);
}

/** 3 tokens × 16 outputs. */
function scaled3x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
}

/** 4 tokens × 16 outputs. */
function scaled4x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
}

/** 5 tokens × 16 outputs. */
function scaled5x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s4_2 = f32x4.splat(0);
  let s4_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s4_2 = madd(s4_2, v128.load(scale, 32), v128.load(y4, 32));
  s4_3 = madd(s4_3, v128.load(scale, 48), v128.load(y4, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
}

/** 6 tokens × 16 outputs. */
function scaled6x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
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
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s4_2 = f32x4.splat(0);
  let s4_3 = f32x4.splat(0);
  let s5_0 = f32x4.splat(0);
  let s5_1 = f32x4.splat(0);
  let s5_2 = f32x4.splat(0);
  let s5_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    s5_2 = madd(w2, i5, s5_2);
    s5_3 = madd(w3, i5, s5_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s4_2 = madd(s4_2, v128.load(scale, 32), v128.load(y4, 32));
  s4_3 = madd(s4_3, v128.load(scale, 48), v128.load(y4, 48));
  s5_0 = madd(s5_0, v128.load(scale, 0), v128.load(y5, 0));
  s5_1 = madd(s5_1, v128.load(scale, 16), v128.load(y5, 16));
  s5_2 = madd(s5_2, v128.load(scale, 32), v128.load(y5, 32));
  s5_3 = madd(s5_3, v128.load(scale, 48), v128.load(y5, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
  v128.store(y5, s5_2, 32);
  v128.store(y5, s5_3, 48);
}

/** Adds `count` inputs to 32 outputs of 1 to 6 tokens. */
export function addScaled(tokens: i32, y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize): void {
  if (WIDE) {
    if (tokens === 1) { scaled1x32(y, yStride, w, x, xStride, count, scale); return; }
    if (tokens === 2) { scaled2x32(y, yStride, w, x, xStride, count, scale); return; }
    if (tokens === 3) { scaled3x16(y, yStride, w, x, xStride, count, scale); scaled3x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64); return; }
    if (tokens === 4) { scaled4x16(y, yStride, w, x, xStride, count, scale); scaled4x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64); return; }
    if (tokens === 5) { scaled5x16(y, yStride, w, x, xStride, count, scale); scaled5x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64); return; }
    if (tokens === 6) { scaled6x16(y, yStride, w, x, xStride, count, scale); scaled6x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64); return; }
  }
  if (tokens === 1) { scaled1x32(y, yStride, w, x, xStride, count, scale); return; }
  if (tokens === 2) { scaled2x16(y, yStride, w, x, xStride, count, scale); scaled2x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64); return; }
  if (tokens === 3) { scaled3x8(y, yStride, w, x, xStride, count, scale); scaled3x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32); scaled3x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64); scaled3x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96); return; }
  if (tokens === 4) { scaled4x8(y, yStride, w, x, xStride, count, scale); scaled4x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32); scaled4x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64); scaled4x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96); return; }
  if (tokens === 5) { scaled5x8(y, yStride, w, x, xStride, count, scale); scaled5x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32); scaled5x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64); scaled5x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96); return; }
  if (tokens === 6) { scaled6x8(y, yStride, w, x, xStride, count, scale); scaled6x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32); scaled6x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64); scaled6x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96); return; }
}

/** 1 tokens × 32 outputs. */
function shifted1x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s0_4 = f32x4.splat(0);
  let s0_5 = f32x4.splat(0);
  let s0_6 = f32x4.splat(0);
  let s0_7 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    x += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s0_4 = madd(s0_4, v128.load(scale, 64), v128.load(y, 64));
  s0_5 = madd(s0_5, v128.load(scale, 80), v128.load(y, 80));
  s0_6 = madd(s0_6, v128.load(scale, 96), v128.load(y, 96));
  s0_7 = madd(s0_7, v128.load(scale, 112), v128.load(y, 112));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  s0_4 = madd(m0, v128.load(minimum, 64), s0_4);
  s0_5 = madd(m0, v128.load(minimum, 80), s0_5);
  s0_6 = madd(m0, v128.load(minimum, 96), s0_6);
  s0_7 = madd(m0, v128.load(minimum, 112), s0_7);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
}

/** 2 tokens × 16 outputs. */
function shifted2x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    x += 4;
    x1 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
}

/** 3 tokens × 8 outputs. */
function shifted3x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
}

/** 4 tokens × 8 outputs. */
function shifted4x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
}

/** 5 tokens × 8 outputs. */
function shifted5x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  const m4 = v128.load32_splat(xSum + 4 * sumStride);
  s4_0 = madd(m4, v128.load(minimum, 0), s4_0);
  s4_1 = madd(m4, v128.load(minimum, 16), s4_1);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
}

/** 6 tokens × 8 outputs. */
function shifted6x8(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
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
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s5_0 = f32x4.splat(0);
  let s5_1 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s5_0 = madd(s5_0, v128.load(scale, 0), v128.load(y5, 0));
  s5_1 = madd(s5_1, v128.load(scale, 16), v128.load(y5, 16));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  const m4 = v128.load32_splat(xSum + 4 * sumStride);
  s4_0 = madd(m4, v128.load(minimum, 0), s4_0);
  s4_1 = madd(m4, v128.load(minimum, 16), s4_1);
  const m5 = v128.load32_splat(xSum + 5 * sumStride);
  s5_0 = madd(m5, v128.load(minimum, 0), s5_0);
  s5_1 = madd(m5, v128.load(minimum, 16), s5_1);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
}

/** 2 tokens × 32 outputs. */
function shifted2x32(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s0_4 = f32x4.splat(0);
  let s0_5 = f32x4.splat(0);
  let s0_6 = f32x4.splat(0);
  let s0_7 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s1_4 = f32x4.splat(0);
  let s1_5 = f32x4.splat(0);
  let s1_6 = f32x4.splat(0);
  let s1_7 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    const w5 = v128.load(w, 80);
    const w6 = v128.load(w, 96);
    const w7 = v128.load(w, 112);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    s0_4 = madd(w4, i0, s0_4);
    s0_5 = madd(w5, i0, s0_5);
    s0_6 = madd(w6, i0, s0_6);
    s0_7 = madd(w7, i0, s0_7);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    s1_4 = madd(w4, i1, s1_4);
    s1_5 = madd(w5, i1, s1_5);
    s1_6 = madd(w6, i1, s1_6);
    s1_7 = madd(w7, i1, s1_7);
    x += 4;
    x1 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s0_4 = madd(s0_4, v128.load(scale, 64), v128.load(y, 64));
  s0_5 = madd(s0_5, v128.load(scale, 80), v128.load(y, 80));
  s0_6 = madd(s0_6, v128.load(scale, 96), v128.load(y, 96));
  s0_7 = madd(s0_7, v128.load(scale, 112), v128.load(y, 112));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s1_4 = madd(s1_4, v128.load(scale, 64), v128.load(y1, 64));
  s1_5 = madd(s1_5, v128.load(scale, 80), v128.load(y1, 80));
  s1_6 = madd(s1_6, v128.load(scale, 96), v128.load(y1, 96));
  s1_7 = madd(s1_7, v128.load(scale, 112), v128.load(y1, 112));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  s0_4 = madd(m0, v128.load(minimum, 64), s0_4);
  s0_5 = madd(m0, v128.load(minimum, 80), s0_5);
  s0_6 = madd(m0, v128.load(minimum, 96), s0_6);
  s0_7 = madd(m0, v128.load(minimum, 112), s0_7);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  s1_4 = madd(m1, v128.load(minimum, 64), s1_4);
  s1_5 = madd(m1, v128.load(minimum, 80), s1_5);
  s1_6 = madd(m1, v128.load(minimum, 96), s1_6);
  s1_7 = madd(m1, v128.load(minimum, 112), s1_7);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s0_4, 64);
  v128.store(y, s0_5, 80);
  v128.store(y, s0_6, 96);
  v128.store(y, s0_7, 112);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y1, s1_4, 64);
  v128.store(y1, s1_5, 80);
  v128.store(y1, s1_6, 96);
  v128.store(y1, s1_7, 112);
}

/** 3 tokens × 16 outputs. */
function shifted3x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  s2_2 = madd(m2, v128.load(minimum, 32), s2_2);
  s2_3 = madd(m2, v128.load(minimum, 48), s2_3);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
}

/** 4 tokens × 16 outputs. */
function shifted4x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  s2_2 = madd(m2, v128.load(minimum, 32), s2_2);
  s2_3 = madd(m2, v128.load(minimum, 48), s2_3);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  s3_2 = madd(m3, v128.load(minimum, 32), s3_2);
  s3_3 = madd(m3, v128.load(minimum, 48), s3_3);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
}

/** 5 tokens × 16 outputs. */
function shifted5x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  const y4 = y3 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let x4 = x3 + xStride;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s4_2 = f32x4.splat(0);
  let s4_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s4_2 = madd(s4_2, v128.load(scale, 32), v128.load(y4, 32));
  s4_3 = madd(s4_3, v128.load(scale, 48), v128.load(y4, 48));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  s2_2 = madd(m2, v128.load(minimum, 32), s2_2);
  s2_3 = madd(m2, v128.load(minimum, 48), s2_3);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  s3_2 = madd(m3, v128.load(minimum, 32), s3_2);
  s3_3 = madd(m3, v128.load(minimum, 48), s3_3);
  const m4 = v128.load32_splat(xSum + 4 * sumStride);
  s4_0 = madd(m4, v128.load(minimum, 0), s4_0);
  s4_1 = madd(m4, v128.load(minimum, 16), s4_1);
  s4_2 = madd(m4, v128.load(minimum, 32), s4_2);
  s4_3 = madd(m4, v128.load(minimum, 48), s4_3);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
}

/** 6 tokens × 16 outputs. */
function shifted6x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
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
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s2_2 = f32x4.splat(0);
  let s2_3 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  let s3_2 = f32x4.splat(0);
  let s3_3 = f32x4.splat(0);
  let s4_0 = f32x4.splat(0);
  let s4_1 = f32x4.splat(0);
  let s4_2 = f32x4.splat(0);
  let s4_3 = f32x4.splat(0);
  let s5_0 = f32x4.splat(0);
  let s5_1 = f32x4.splat(0);
  let s5_2 = f32x4.splat(0);
  let s5_3 = f32x4.splat(0);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    const i4 = v128.load32_splat(x4);
    s4_0 = madd(w0, i4, s4_0);
    s4_1 = madd(w1, i4, s4_1);
    s4_2 = madd(w2, i4, s4_2);
    s4_3 = madd(w3, i4, s4_3);
    const i5 = v128.load32_splat(x5);
    s5_0 = madd(w0, i5, s5_0);
    s5_1 = madd(w1, i5, s5_1);
    s5_2 = madd(w2, i5, s5_2);
    s5_3 = madd(w3, i5, s5_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
    w += 128;
  }
  s0_0 = madd(s0_0, v128.load(scale, 0), v128.load(y, 0));
  s0_1 = madd(s0_1, v128.load(scale, 16), v128.load(y, 16));
  s0_2 = madd(s0_2, v128.load(scale, 32), v128.load(y, 32));
  s0_3 = madd(s0_3, v128.load(scale, 48), v128.load(y, 48));
  s1_0 = madd(s1_0, v128.load(scale, 0), v128.load(y1, 0));
  s1_1 = madd(s1_1, v128.load(scale, 16), v128.load(y1, 16));
  s1_2 = madd(s1_2, v128.load(scale, 32), v128.load(y1, 32));
  s1_3 = madd(s1_3, v128.load(scale, 48), v128.load(y1, 48));
  s2_0 = madd(s2_0, v128.load(scale, 0), v128.load(y2, 0));
  s2_1 = madd(s2_1, v128.load(scale, 16), v128.load(y2, 16));
  s2_2 = madd(s2_2, v128.load(scale, 32), v128.load(y2, 32));
  s2_3 = madd(s2_3, v128.load(scale, 48), v128.load(y2, 48));
  s3_0 = madd(s3_0, v128.load(scale, 0), v128.load(y3, 0));
  s3_1 = madd(s3_1, v128.load(scale, 16), v128.load(y3, 16));
  s3_2 = madd(s3_2, v128.load(scale, 32), v128.load(y3, 32));
  s3_3 = madd(s3_3, v128.load(scale, 48), v128.load(y3, 48));
  s4_0 = madd(s4_0, v128.load(scale, 0), v128.load(y4, 0));
  s4_1 = madd(s4_1, v128.load(scale, 16), v128.load(y4, 16));
  s4_2 = madd(s4_2, v128.load(scale, 32), v128.load(y4, 32));
  s4_3 = madd(s4_3, v128.load(scale, 48), v128.load(y4, 48));
  s5_0 = madd(s5_0, v128.load(scale, 0), v128.load(y5, 0));
  s5_1 = madd(s5_1, v128.load(scale, 16), v128.load(y5, 16));
  s5_2 = madd(s5_2, v128.load(scale, 32), v128.load(y5, 32));
  s5_3 = madd(s5_3, v128.load(scale, 48), v128.load(y5, 48));
  const m0 = v128.load32_splat(xSum);
  s0_0 = madd(m0, v128.load(minimum, 0), s0_0);
  s0_1 = madd(m0, v128.load(minimum, 16), s0_1);
  s0_2 = madd(m0, v128.load(minimum, 32), s0_2);
  s0_3 = madd(m0, v128.load(minimum, 48), s0_3);
  const m1 = v128.load32_splat(xSum + 1 * sumStride);
  s1_0 = madd(m1, v128.load(minimum, 0), s1_0);
  s1_1 = madd(m1, v128.load(minimum, 16), s1_1);
  s1_2 = madd(m1, v128.load(minimum, 32), s1_2);
  s1_3 = madd(m1, v128.load(minimum, 48), s1_3);
  const m2 = v128.load32_splat(xSum + 2 * sumStride);
  s2_0 = madd(m2, v128.load(minimum, 0), s2_0);
  s2_1 = madd(m2, v128.load(minimum, 16), s2_1);
  s2_2 = madd(m2, v128.load(minimum, 32), s2_2);
  s2_3 = madd(m2, v128.load(minimum, 48), s2_3);
  const m3 = v128.load32_splat(xSum + 3 * sumStride);
  s3_0 = madd(m3, v128.load(minimum, 0), s3_0);
  s3_1 = madd(m3, v128.load(minimum, 16), s3_1);
  s3_2 = madd(m3, v128.load(minimum, 32), s3_2);
  s3_3 = madd(m3, v128.load(minimum, 48), s3_3);
  const m4 = v128.load32_splat(xSum + 4 * sumStride);
  s4_0 = madd(m4, v128.load(minimum, 0), s4_0);
  s4_1 = madd(m4, v128.load(minimum, 16), s4_1);
  s4_2 = madd(m4, v128.load(minimum, 32), s4_2);
  s4_3 = madd(m4, v128.load(minimum, 48), s4_3);
  const m5 = v128.load32_splat(xSum + 5 * sumStride);
  s5_0 = madd(m5, v128.load(minimum, 0), s5_0);
  s5_1 = madd(m5, v128.load(minimum, 16), s5_1);
  s5_2 = madd(m5, v128.load(minimum, 32), s5_2);
  s5_3 = madd(m5, v128.load(minimum, 48), s5_3);
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
  v128.store(y4, s4_0, 0);
  v128.store(y4, s4_1, 16);
  v128.store(y4, s4_2, 32);
  v128.store(y4, s4_3, 48);
  v128.store(y5, s5_0, 0);
  v128.store(y5, s5_1, 16);
  v128.store(y5, s5_2, 32);
  v128.store(y5, s5_3, 48);
}

/** Adds `count` inputs to 32 outputs of 1 to 6 tokens. */
export function addShifted(tokens: i32, y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32, scale: usize, minimum: usize, xSum: usize, sumStride: usize): void {
  if (WIDE) {
    if (tokens === 1) { shifted1x32(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); return; }
    if (tokens === 2) { shifted2x32(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); return; }
    if (tokens === 3) { shifted3x16(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted3x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); return; }
    if (tokens === 4) { shifted4x16(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted4x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); return; }
    if (tokens === 5) { shifted5x16(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted5x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); return; }
    if (tokens === 6) { shifted6x16(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted6x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); return; }
  }
  if (tokens === 1) { shifted1x32(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); return; }
  if (tokens === 2) { shifted2x16(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted2x16(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); return; }
  if (tokens === 3) { shifted3x8(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted3x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32, minimum + 32, xSum, sumStride); shifted3x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); shifted3x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96, minimum + 96, xSum, sumStride); return; }
  if (tokens === 4) { shifted4x8(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted4x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32, minimum + 32, xSum, sumStride); shifted4x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); shifted4x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96, minimum + 96, xSum, sumStride); return; }
  if (tokens === 5) { shifted5x8(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted5x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32, minimum + 32, xSum, sumStride); shifted5x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); shifted5x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96, minimum + 96, xSum, sumStride); return; }
  if (tokens === 6) { shifted6x8(y, yStride, w, x, xStride, count, scale, minimum, xSum, sumStride); shifted6x8(y + 32, yStride, w + 32, x, xStride, count, scale + 32, minimum + 32, xSum, sumStride); shifted6x8(y + 64, yStride, w + 64, x, xStride, count, scale + 64, minimum + 64, xSum, sumStride); shifted6x8(y + 96, yStride, w + 96, x, xStride, count, scale + 96, minimum + 96, xSum, sumStride); return; }
}

/** 1 tokens × 16 outputs. */
function narrow1x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    x += 4;
    w += 64;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
}

/** 2 tokens × 16 outputs. */
function narrow2x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  let x1 = x + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    x += 4;
    x1 += 4;
    w += 64;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
}

/** 3 tokens × 16 outputs. */
function narrow3x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    w += 64;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
}

/** 4 tokens × 16 outputs. */
function narrow4x16(y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  const y1 = y + yStride;
  const y2 = y1 + yStride;
  const y3 = y2 + yStride;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let s0_0 = v128.load(y, 0);
  let s0_1 = v128.load(y, 16);
  let s0_2 = v128.load(y, 32);
  let s0_3 = v128.load(y, 48);
  let s1_0 = v128.load(y1, 0);
  let s1_1 = v128.load(y1, 16);
  let s1_2 = v128.load(y1, 32);
  let s1_3 = v128.load(y1, 48);
  let s2_0 = v128.load(y2, 0);
  let s2_1 = v128.load(y2, 16);
  let s2_2 = v128.load(y2, 32);
  let s2_3 = v128.load(y2, 48);
  let s3_0 = v128.load(y3, 0);
  let s3_1 = v128.load(y3, 16);
  let s3_2 = v128.load(y3, 32);
  let s3_3 = v128.load(y3, 48);
  for (; count > 0; count--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x);
    s0_0 = madd(w0, i0, s0_0);
    s0_1 = madd(w1, i0, s0_1);
    s0_2 = madd(w2, i0, s0_2);
    s0_3 = madd(w3, i0, s0_3);
    const i1 = v128.load32_splat(x1);
    s1_0 = madd(w0, i1, s1_0);
    s1_1 = madd(w1, i1, s1_1);
    s1_2 = madd(w2, i1, s1_2);
    s1_3 = madd(w3, i1, s1_3);
    const i2 = v128.load32_splat(x2);
    s2_0 = madd(w0, i2, s2_0);
    s2_1 = madd(w1, i2, s2_1);
    s2_2 = madd(w2, i2, s2_2);
    s2_3 = madd(w3, i2, s2_3);
    const i3 = v128.load32_splat(x3);
    s3_0 = madd(w0, i3, s3_0);
    s3_1 = madd(w1, i3, s3_1);
    s3_2 = madd(w2, i3, s3_2);
    s3_3 = madd(w3, i3, s3_3);
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += 64;
  }
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y1, s1_0, 0);
  v128.store(y1, s1_1, 16);
  v128.store(y1, s1_2, 32);
  v128.store(y1, s1_3, 48);
  v128.store(y2, s2_0, 0);
  v128.store(y2, s2_1, 16);
  v128.store(y2, s2_2, 32);
  v128.store(y2, s2_3, 48);
  v128.store(y3, s3_0, 0);
  v128.store(y3, s3_1, 16);
  v128.store(y3, s3_2, 32);
  v128.store(y3, s3_3, 48);
}

/** Adds `count` inputs to 16 outputs of 1 to 4 tokens. */
export function addNarrow(tokens: i32, y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32): void {
  if (tokens === 1) { narrow1x16(y, yStride, w, x, xStride, count); return; }
  if (tokens === 2) { narrow2x16(y, yStride, w, x, xStride, count); return; }
  if (tokens === 3) { narrow3x16(y, yStride, w, x, xStride, count); return; }
  if (tokens === 4) { narrow4x16(y, yStride, w, x, xStride, count); return; }
}
