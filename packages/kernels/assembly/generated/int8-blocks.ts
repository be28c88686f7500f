/** Register blocks, written by scripts/int8-blocks.ts; do not edit. */

import { addProducts, scaled } from '../int8-sums';

import { WIDE } from '../wide';

/** 1 tokens × 8 outputs. */
function q8Block1x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
}

/** 2 tokens × 8 outputs. */
function q8Block2x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
}

/** 3 tokens × 8 outputs. */
function q8Block3x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(false, w0, i2, s2_0);
    s2_1 = addProducts(false, w1, i2, s2_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  s2_0 = scaled(false, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(false, s2_1, f1, factors + 16, v128.load(y, 272));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
}

/** 4 tokens × 8 outputs. */
function q8Block4x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s3_0 = i32x4.splat(0);
  let s3_1 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(false, w0, i2, s2_0);
    s2_1 = addProducts(false, w1, i2, s2_1);
    const i3 = v128.load32_splat(x, 12);
    s3_0 = addProducts(false, w0, i3, s3_0);
    s3_1 = addProducts(false, w1, i3, s3_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  s2_0 = scaled(false, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(false, s2_1, f1, factors + 16, v128.load(y, 272));
  s3_0 = scaled(false, s3_0, f0, factors + 24, v128.load(y, 384));
  s3_1 = scaled(false, s3_1, f1, factors + 24, v128.load(y, 400));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s3_0, 384);
  v128.store(y, s3_1, 400);
}

/** 1 tokens × 16 outputs. */
function q8Block1x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    s0_2 = addProducts(false, w2, i0, s0_2);
    s0_3 = addProducts(false, w3, i0, s0_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(false, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(false, s0_3, f3, factors, v128.load(y, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
}

/** 2 tokens × 16 outputs. */
function q8Block2x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    s0_2 = addProducts(false, w2, i0, s0_2);
    s0_3 = addProducts(false, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    s1_2 = addProducts(false, w2, i1, s1_2);
    s1_3 = addProducts(false, w3, i1, s1_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(false, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(false, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(false, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(false, s1_3, f3, factors + 8, v128.load(y, 176));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
}

/** 3 tokens × 16 outputs. */
function q8Block3x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s2_2 = i32x4.splat(0);
  let s2_3 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    s0_2 = addProducts(false, w2, i0, s0_2);
    s0_3 = addProducts(false, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    s1_2 = addProducts(false, w2, i1, s1_2);
    s1_3 = addProducts(false, w3, i1, s1_3);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(false, w0, i2, s2_0);
    s2_1 = addProducts(false, w1, i2, s2_1);
    s2_2 = addProducts(false, w2, i2, s2_2);
    s2_3 = addProducts(false, w3, i2, s2_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(false, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(false, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(false, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(false, s1_3, f3, factors + 8, v128.load(y, 176));
  s2_0 = scaled(false, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(false, s2_1, f1, factors + 16, v128.load(y, 272));
  s2_2 = scaled(false, s2_2, f2, factors + 16, v128.load(y, 288));
  s2_3 = scaled(false, s2_3, f3, factors + 16, v128.load(y, 304));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s2_2, 288);
  v128.store(y, s2_3, 304);
}

/** 4 tokens × 16 outputs. */
function q8Block4x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s2_2 = i32x4.splat(0);
  let s2_3 = i32x4.splat(0);
  let s3_0 = i32x4.splat(0);
  let s3_1 = i32x4.splat(0);
  let s3_2 = i32x4.splat(0);
  let s3_3 = i32x4.splat(0);
  for (let i = 16; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(false, w0, i0, s0_0);
    s0_1 = addProducts(false, w1, i0, s0_1);
    s0_2 = addProducts(false, w2, i0, s0_2);
    s0_3 = addProducts(false, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(false, w0, i1, s1_0);
    s1_1 = addProducts(false, w1, i1, s1_1);
    s1_2 = addProducts(false, w2, i1, s1_2);
    s1_3 = addProducts(false, w3, i1, s1_3);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(false, w0, i2, s2_0);
    s2_1 = addProducts(false, w1, i2, s2_1);
    s2_2 = addProducts(false, w2, i2, s2_2);
    s2_3 = addProducts(false, w3, i2, s2_3);
    const i3 = v128.load32_splat(x, 12);
    s3_0 = addProducts(false, w0, i3, s3_0);
    s3_1 = addProducts(false, w1, i3, s3_1);
    s3_2 = addProducts(false, w2, i3, s3_2);
    s3_3 = addProducts(false, w3, i3, s3_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(false, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(false, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(false, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(false, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(false, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(false, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(false, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(false, s1_3, f3, factors + 8, v128.load(y, 176));
  s2_0 = scaled(false, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(false, s2_1, f1, factors + 16, v128.load(y, 272));
  s2_2 = scaled(false, s2_2, f2, factors + 16, v128.load(y, 288));
  s2_3 = scaled(false, s2_3, f3, factors + 16, v128.load(y, 304));
  s3_0 = scaled(false, s3_0, f0, factors + 24, v128.load(y, 384));
  s3_1 = scaled(false, s3_1, f1, factors + 24, v128.load(y, 400));
  s3_2 = scaled(false, s3_2, f2, factors + 24, v128.load(y, 416));
  s3_3 = scaled(false, s3_3, f3, factors + 24, v128.load(y, 432));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s2_2, 288);
  v128.store(y, s2_3, 304);
  v128.store(y, s3_0, 384);
  v128.store(y, s3_1, 400);
  v128.store(y, s3_2, 416);
  v128.store(y, s3_3, 432);
}

/** Adds a block of 32 inputs to 32 outputs of 1 to 4 tokens. */
export function addQ8Block(tokens: i32, y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  if (WIDE) {
    if (tokens === 1) { q8Block1x16(y, w, x, factors, scales); q8Block1x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 2) { q8Block2x16(y, w, x, factors, scales); q8Block2x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 3) { q8Block3x16(y, w, x, factors, scales); q8Block3x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 4) { q8Block4x16(y, w, x, factors, scales); q8Block4x16(y + 64, w + 64, x, factors, scales + 64); return; }
  }
  if (tokens === 1) { q8Block1x8(y, w, x, factors, scales); q8Block1x8(y + 32, w + 32, x, factors, scales + 32); q8Block1x8(y + 64, w + 64, x, factors, scales + 64); q8Block1x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 2) { q8Block2x8(y, w, x, factors, scales); q8Block2x8(y + 32, w + 32, x, factors, scales + 32); q8Block2x8(y + 64, w + 64, x, factors, scales + 64); q8Block2x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 3) { q8Block3x8(y, w, x, factors, scales); q8Block3x8(y + 32, w + 32, x, factors, scales + 32); q8Block3x8(y + 64, w + 64, x, factors, scales + 64); q8Block3x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 4) { q8Block4x8(y, w, x, factors, scales); q8Block4x8(y + 32, w + 32, x, factors, scales + 32); q8Block4x8(y + 64, w + 64, x, factors, scales + 64); q8Block4x8(y + 96, w + 96, x, factors, scales + 96); return; }
}

/** 1 tokens × 8 outputs. */
function q4Block1x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
}

/** 2 tokens × 8 outputs. */
function q4Block2x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
}

/** 3 tokens × 8 outputs. */
function q4Block3x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(true, w0, i2, s2_0);
    s2_1 = addProducts(true, w1, i2, s2_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  s2_0 = scaled(true, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(true, s2_1, f1, factors + 16, v128.load(y, 272));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
}

/** 4 tokens × 8 outputs. */
function q4Block4x8(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s3_0 = i32x4.splat(0);
  let s3_1 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(true, w0, i2, s2_0);
    s2_1 = addProducts(true, w1, i2, s2_1);
    const i3 = v128.load32_splat(x, 12);
    s3_0 = addProducts(true, w0, i3, s3_0);
    s3_1 = addProducts(true, w1, i3, s3_1);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  s2_0 = scaled(true, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(true, s2_1, f1, factors + 16, v128.load(y, 272));
  s3_0 = scaled(true, s3_0, f0, factors + 24, v128.load(y, 384));
  s3_1 = scaled(true, s3_1, f1, factors + 24, v128.load(y, 400));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s3_0, 384);
  v128.store(y, s3_1, 400);
}

/** 1 tokens × 16 outputs. */
function q4Block1x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    s0_2 = addProducts(true, w2, i0, s0_2);
    s0_3 = addProducts(true, w3, i0, s0_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(true, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(true, s0_3, f3, factors, v128.load(y, 48));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
}

/** 2 tokens × 16 outputs. */
function q4Block2x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    s0_2 = addProducts(true, w2, i0, s0_2);
    s0_3 = addProducts(true, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    s1_2 = addProducts(true, w2, i1, s1_2);
    s1_3 = addProducts(true, w3, i1, s1_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(true, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(true, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(true, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(true, s1_3, f3, factors + 8, v128.load(y, 176));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
}

/** 3 tokens × 16 outputs. */
function q4Block3x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s2_2 = i32x4.splat(0);
  let s2_3 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    s0_2 = addProducts(true, w2, i0, s0_2);
    s0_3 = addProducts(true, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    s1_2 = addProducts(true, w2, i1, s1_2);
    s1_3 = addProducts(true, w3, i1, s1_3);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(true, w0, i2, s2_0);
    s2_1 = addProducts(true, w1, i2, s2_1);
    s2_2 = addProducts(true, w2, i2, s2_2);
    s2_3 = addProducts(true, w3, i2, s2_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(true, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(true, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(true, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(true, s1_3, f3, factors + 8, v128.load(y, 176));
  s2_0 = scaled(true, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(true, s2_1, f1, factors + 16, v128.load(y, 272));
  s2_2 = scaled(true, s2_2, f2, factors + 16, v128.load(y, 288));
  s2_3 = scaled(true, s2_3, f3, factors + 16, v128.load(y, 304));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s2_2, 288);
  v128.store(y, s2_3, 304);
}

/** 4 tokens × 16 outputs. */
function q4Block4x16(y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  let s0_0 = i32x4.splat(0);
  let s0_1 = i32x4.splat(0);
  let s0_2 = i32x4.splat(0);
  let s0_3 = i32x4.splat(0);
  let s1_0 = i32x4.splat(0);
  let s1_1 = i32x4.splat(0);
  let s1_2 = i32x4.splat(0);
  let s1_3 = i32x4.splat(0);
  let s2_0 = i32x4.splat(0);
  let s2_1 = i32x4.splat(0);
  let s2_2 = i32x4.splat(0);
  let s2_3 = i32x4.splat(0);
  let s3_0 = i32x4.splat(0);
  let s3_1 = i32x4.splat(0);
  let s3_2 = i32x4.splat(0);
  let s3_3 = i32x4.splat(0);
  for (let i = 8; i > 0; i--) {
    const w0 = v128.load(w, 0);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const i0 = v128.load32_splat(x, 0);
    s0_0 = addProducts(true, w0, i0, s0_0);
    s0_1 = addProducts(true, w1, i0, s0_1);
    s0_2 = addProducts(true, w2, i0, s0_2);
    s0_3 = addProducts(true, w3, i0, s0_3);
    const i1 = v128.load32_splat(x, 4);
    s1_0 = addProducts(true, w0, i1, s1_0);
    s1_1 = addProducts(true, w1, i1, s1_1);
    s1_2 = addProducts(true, w2, i1, s1_2);
    s1_3 = addProducts(true, w3, i1, s1_3);
    const i2 = v128.load32_splat(x, 8);
    s2_0 = addProducts(true, w0, i2, s2_0);
    s2_1 = addProducts(true, w1, i2, s2_1);
    s2_2 = addProducts(true, w2, i2, s2_2);
    s2_3 = addProducts(true, w3, i2, s2_3);
    const i3 = v128.load32_splat(x, 12);
    s3_0 = addProducts(true, w0, i3, s3_0);
    s3_1 = addProducts(true, w1, i3, s3_1);
    s3_2 = addProducts(true, w2, i3, s3_2);
    s3_3 = addProducts(true, w3, i3, s3_3);
    w += 128;
    x += 16;
  }
  const f0 = v128.load(scales, 0);
  const f1 = v128.load(scales, 16);
  const f2 = v128.load(scales, 32);
  const f3 = v128.load(scales, 48);
  s0_0 = scaled(true, s0_0, f0, factors, v128.load(y, 0));
  s0_1 = scaled(true, s0_1, f1, factors, v128.load(y, 16));
  s0_2 = scaled(true, s0_2, f2, factors, v128.load(y, 32));
  s0_3 = scaled(true, s0_3, f3, factors, v128.load(y, 48));
  s1_0 = scaled(true, s1_0, f0, factors + 8, v128.load(y, 128));
  s1_1 = scaled(true, s1_1, f1, factors + 8, v128.load(y, 144));
  s1_2 = scaled(true, s1_2, f2, factors + 8, v128.load(y, 160));
  s1_3 = scaled(true, s1_3, f3, factors + 8, v128.load(y, 176));
  s2_0 = scaled(true, s2_0, f0, factors + 16, v128.load(y, 256));
  s2_1 = scaled(true, s2_1, f1, factors + 16, v128.load(y, 272));
  s2_2 = scaled(true, s2_2, f2, factors + 16, v128.load(y, 288));
  s2_3 = scaled(true, s2_3, f3, factors + 16, v128.load(y, 304));
  s3_0 = scaled(true, s3_0, f0, factors + 24, v128.load(y, 384));
  s3_1 = scaled(true, s3_1, f1, factors + 24, v128.load(y, 400));
  s3_2 = scaled(true, s3_2, f2, factors + 24, v128.load(y, 416));
  s3_3 = scaled(true, s3_3, f3, factors + 24, v128.load(y, 432));
  v128.store(y, s0_0, 0);
  v128.store(y, s0_1, 16);
  v128.store(y, s0_2, 32);
  v128.store(y, s0_3, 48);
  v128.store(y, s1_0, 128);
  v128.store(y, s1_1, 144);
  v128.store(y, s1_2, 160);
  v128.store(y, s1_3, 176);
  v128.store(y, s2_0, 256);
  v128.store(y, s2_1, 272);
  v128.store(y, s2_2, 288);
  v128.store(y, s2_3, 304);
  v128.store(y, s3_0, 384);
  v128.store(y, s3_1, 400);
  v128.store(y, s3_2, 416);
  v128.store(y, s3_3, 432);
}

/** Adds a block of 32 inputs to 32 outputs of 1 to 4 tokens. */
export function addQ4Block(tokens: i32, y: usize, w: usize, x: usize, factors: usize, scales: usize): void {
  if (WIDE) {
    if (tokens === 1) { q4Block1x16(y, w, x, factors, scales); q4Block1x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 2) { q4Block2x16(y, w, x, factors, scales); q4Block2x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 3) { q4Block3x16(y, w, x, factors, scales); q4Block3x16(y + 64, w + 64, x, factors, scales + 64); return; }
    if (tokens === 4) { q4Block4x16(y, w, x, factors, scales); q4Block4x16(y + 64, w + 64, x, factors, scales + 64); return; }
  }
  if (tokens === 1) { q4Block1x8(y, w, x, factors, scales); q4Block1x8(y + 32, w + 32, x, factors, scales + 32); q4Block1x8(y + 64, w + 64, x, factors, scales + 64); q4Block1x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 2) { q4Block2x8(y, w, x, factors, scales); q4Block2x8(y + 32, w + 32, x, factors, scales + 32); q4Block2x8(y + 64, w + 64, x, factors, scales + 64); q4Block2x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 3) { q4Block3x8(y, w, x, factors, scales); q4Block3x8(y + 32, w + 32, x, factors, scales + 32); q4Block3x8(y + 64, w + 64, x, factors, scales + 64); q4Block3x8(y + 96, w + 96, x, factors, scales + 96); return; }
  if (tokens === 4) { q4Block4x8(y, w, x, factors, scales); q4Block4x8(y + 32, w + 32, x, factors, scales + 32); q4Block4x8(y + 64, w + 64, x, factors, scales + 64); q4Block4x8(y + 96, w + 96, x, factors, scales + 96); return; }
}
