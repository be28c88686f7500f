/** Loops of the K-quants, written by scripts/k-blocks.ts; do not edit. */

import { madd } from '../fma';

/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */
export function vectorQ2_K(
  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,
): void {
  const m0 = i32x4.splat(3 | hidden);
  const m1 = i32x4.splat(12 | hidden);
  const m2 = i32x4.splat(48 | hidden);
  const m3 = i32x4.splat(192 | hidden);
  const sMask = i32x4.splat(0x0f | hidden);
  const mMask = i32x4.splat(0xf0 | hidden);
  for (let group = 0; group < 16; group++) {
  const w = block + 0 + <usize>(group / 4) * 512 + <usize>(group % 4) * 1;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let a6 = f32x4.splat(0);
  let a7 = f32x4.splat(0);
  let from = w;
  for (let b = 0; b < 4; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const s0 = v128.load32_splat(x, 0);
    const s1 = v128.load32_splat(x, 4);
    const s2 = v128.load32_splat(x, 8);
    const s3 = v128.load32_splat(x, 12);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m0)), s0, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m0)), s0, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m0)), s0, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m0)), s0, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m0)), s0, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m0)), s0, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m0)), s0, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m0)), s0, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m1)), s1, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m1)), s1, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m1)), s1, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m1)), s1, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m1)), s1, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m1)), s1, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m1)), s1, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m1)), s1, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m2)), s2, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m2)), s2, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m2)), s2, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m2)), s2, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m2)), s2, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m2)), s2, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m2)), s2, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m2)), s2, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m3)), s3, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m3)), s3, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m3)), s3, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m3)), s3, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m3)), s3, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m3)), s3, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m3)), s3, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m3)), s3, a7);
    x += 16;
    from += 128;
  }
  const s = block + 2048 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(a0, f32x4.mul(v128.load(factors, 0), f32x4.convert_i32x4_s(v128.and(v128.load(s, 0), sMask))), v128.load(y, 0));
  a1 = madd(a1, f32x4.mul(v128.load(factors, 16), f32x4.convert_i32x4_s(v128.and(v128.load(s, 16), sMask))), v128.load(y, 16));
  a2 = madd(a2, f32x4.mul(v128.load(factors, 32), f32x4.convert_i32x4_s(v128.and(v128.load(s, 32), sMask))), v128.load(y, 32));
  a3 = madd(a3, f32x4.mul(v128.load(factors, 48), f32x4.convert_i32x4_s(v128.and(v128.load(s, 48), sMask))), v128.load(y, 48));
  a4 = madd(a4, f32x4.mul(v128.load(factors, 64), f32x4.convert_i32x4_s(v128.and(v128.load(s, 64), sMask))), v128.load(y, 64));
  a5 = madd(a5, f32x4.mul(v128.load(factors, 80), f32x4.convert_i32x4_s(v128.and(v128.load(s, 80), sMask))), v128.load(y, 80));
  a6 = madd(a6, f32x4.mul(v128.load(factors, 96), f32x4.convert_i32x4_s(v128.and(v128.load(s, 96), sMask))), v128.load(y, 96));
  a7 = madd(a7, f32x4.mul(v128.load(factors, 112), f32x4.convert_i32x4_s(v128.and(v128.load(s, 112), sMask))), v128.load(y, 112));
  const sum = v128.load32_splat(sums);
  const m = block + 2048 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(sum, f32x4.mul(v128.load(factors, 128), f32x4.convert_i32x4_s(v128.and(v128.load(m, 0), mMask))), a0);
  a1 = madd(sum, f32x4.mul(v128.load(factors, 144), f32x4.convert_i32x4_s(v128.and(v128.load(m, 16), mMask))), a1);
  a2 = madd(sum, f32x4.mul(v128.load(factors, 160), f32x4.convert_i32x4_s(v128.and(v128.load(m, 32), mMask))), a2);
  a3 = madd(sum, f32x4.mul(v128.load(factors, 176), f32x4.convert_i32x4_s(v128.and(v128.load(m, 48), mMask))), a3);
  a4 = madd(sum, f32x4.mul(v128.load(factors, 192), f32x4.convert_i32x4_s(v128.and(v128.load(m, 64), mMask))), a4);
  a5 = madd(sum, f32x4.mul(v128.load(factors, 208), f32x4.convert_i32x4_s(v128.and(v128.load(m, 80), mMask))), a5);
  a6 = madd(sum, f32x4.mul(v128.load(factors, 224), f32x4.convert_i32x4_s(v128.and(v128.load(m, 96), mMask))), a6);
  a7 = madd(sum, f32x4.mul(v128.load(factors, 240), f32x4.convert_i32x4_s(v128.and(v128.load(m, 112), mMask))), a7);
  sums += 4;
  v128.store(y, a0, 0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  v128.store(y, a4, 64);
  v128.store(y, a5, 80);
  v128.store(y, a6, 96);
  v128.store(y, a7, 112);
  }
}

/** 16 inputs as integer · unit; target: [16][32] f32. */
export function decodeQ2_K(target: usize, w: usize, hidden: i32): void {
  const m3 = i32x4.splat(192 | hidden);
  let from = w;
  for (let b = 0; b < 4; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 6), m3)), 0);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 6), m3)), 16);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 6), m3)), 32);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 6), m3)), 48);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 6), m3)), 64);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 6), m3)), 80);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 6), m3)), 96);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 6), m3)), 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 4), m3)), 128);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 4), m3)), 144);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 4), m3)), 160);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 4), m3)), 176);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 4), m3)), 192);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 4), m3)), 208);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 4), m3)), 224);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 4), m3)), 240);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 2), m3)), 256);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 2), m3)), 272);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 2), m3)), 288);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 2), m3)), 304);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 2), m3)), 320);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 2), m3)), 336);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 2), m3)), 352);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 2), m3)), 368);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w0, m3)), 384);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w1, m3)), 400);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w2, m3)), 416);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w3, m3)), 432);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w4, m3)), 448);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w5, m3)), 464);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w6, m3)), 480);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w7, m3)), 496);
    target += 512;
    from += 128;
  }
}

/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */
export function vectorQ3_K(
  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,
): void {
  const top = i32x4.splat(3758096384 | hidden);
  const spare = i32x4.splat(0x10000 | hidden);
  const sMask = i32x4.splat(0xff000000 | hidden);
  for (let group = 0; group < 16; group++) {
  const w = block + 574 + <usize>(group / 2) * 384 + <usize>(group % 2) * 2;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let a6 = f32x4.splat(0);
  let a7 = f32x4.splat(0);
  let from = w;
  for (let b = 0; b < 3; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const s0 = v128.load32_splat(x, 0);
    const s1 = v128.load32_splat(x, 4);
    const s2 = v128.load32_splat(x, 8);
    const s3 = v128.load32_splat(x, 12);
    const s4 = v128.load32_splat(x, 16);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, top)), s0, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, top)), s0, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, top)), s0, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, top)), s0, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, top)), s0, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, top)), s0, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, top)), s0, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, top)), s0, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 3), top)), s1, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 3), top)), s1, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 3), top)), s1, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 3), top)), s1, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 3), top)), s1, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 3), top)), s1, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 3), top)), s1, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 3), top)), s1, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 6), top)), s2, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 6), top)), s2, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 6), top)), s2, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 6), top)), s2, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 6), top)), s2, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 6), top)), s2, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 6), top)), s2, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 6), top)), s2, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 9), top)), s3, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 9), top)), s3, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 9), top)), s3, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 9), top)), s3, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 9), top)), s3, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 9), top)), s3, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 9), top)), s3, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 9), top)), s3, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 12), top)), s4, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 12), top)), s4, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 12), top)), s4, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 12), top)), s4, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 12), top)), s4, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 12), top)), s4, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 12), top)), s4, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 12), top)), s4, a7);
    x += 20;
    from += 128;
  }
  const r0 = v128.load32_splat(x, 0);
  a0 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 0), spare), 13), i32x4.shl(v128.and(v128.load(w, 128), spare), 14)), i32x4.shl(v128.and(v128.load(w, 256), spare), 15))), r0, a0);
  a1 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 16), spare), 13), i32x4.shl(v128.and(v128.load(w, 144), spare), 14)), i32x4.shl(v128.and(v128.load(w, 272), spare), 15))), r0, a1);
  a2 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 32), spare), 13), i32x4.shl(v128.and(v128.load(w, 160), spare), 14)), i32x4.shl(v128.and(v128.load(w, 288), spare), 15))), r0, a2);
  a3 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 48), spare), 13), i32x4.shl(v128.and(v128.load(w, 176), spare), 14)), i32x4.shl(v128.and(v128.load(w, 304), spare), 15))), r0, a3);
  a4 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 64), spare), 13), i32x4.shl(v128.and(v128.load(w, 192), spare), 14)), i32x4.shl(v128.and(v128.load(w, 320), spare), 15))), r0, a4);
  a5 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 80), spare), 13), i32x4.shl(v128.and(v128.load(w, 208), spare), 14)), i32x4.shl(v128.and(v128.load(w, 336), spare), 15))), r0, a5);
  a6 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 96), spare), 13), i32x4.shl(v128.and(v128.load(w, 224), spare), 14)), i32x4.shl(v128.and(v128.load(w, 352), spare), 15))), r0, a6);
  a7 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 112), spare), 13), i32x4.shl(v128.and(v128.load(w, 240), spare), 14)), i32x4.shl(v128.and(v128.load(w, 368), spare), 15))), r0, a7);
  x += 4;
  const s = block + 61 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(a0, f32x4.mul(v128.load(factors, 0), f32x4.convert_i32x4_s(v128.and(v128.load(s, 0), sMask))), v128.load(y, 0));
  a1 = madd(a1, f32x4.mul(v128.load(factors, 16), f32x4.convert_i32x4_s(v128.and(v128.load(s, 16), sMask))), v128.load(y, 16));
  a2 = madd(a2, f32x4.mul(v128.load(factors, 32), f32x4.convert_i32x4_s(v128.and(v128.load(s, 32), sMask))), v128.load(y, 32));
  a3 = madd(a3, f32x4.mul(v128.load(factors, 48), f32x4.convert_i32x4_s(v128.and(v128.load(s, 48), sMask))), v128.load(y, 48));
  a4 = madd(a4, f32x4.mul(v128.load(factors, 64), f32x4.convert_i32x4_s(v128.and(v128.load(s, 64), sMask))), v128.load(y, 64));
  a5 = madd(a5, f32x4.mul(v128.load(factors, 80), f32x4.convert_i32x4_s(v128.and(v128.load(s, 80), sMask))), v128.load(y, 80));
  a6 = madd(a6, f32x4.mul(v128.load(factors, 96), f32x4.convert_i32x4_s(v128.and(v128.load(s, 96), sMask))), v128.load(y, 96));
  a7 = madd(a7, f32x4.mul(v128.load(factors, 112), f32x4.convert_i32x4_s(v128.and(v128.load(s, 112), sMask))), v128.load(y, 112));
  v128.store(y, a0, 0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  v128.store(y, a4, 64);
  v128.store(y, a5, 80);
  v128.store(y, a6, 96);
  v128.store(y, a7, 112);
  }
}

/** 16 inputs as integer · unit; target: [16][32] f32. */
export function decodeQ3_K(target: usize, w: usize, hidden: i32): void {
  const top = i32x4.splat(3758096384 | hidden);
  const spare = i32x4.splat(0x10000 | hidden);
  let from = w;
  for (let b = 0; b < 3; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w0, top)), 0);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w1, top)), 16);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w2, top)), 32);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w3, top)), 48);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w4, top)), 64);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w5, top)), 80);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w6, top)), 96);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w7, top)), 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 3), top)), 128);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 3), top)), 144);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 3), top)), 160);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 3), top)), 176);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 3), top)), 192);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 3), top)), 208);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 3), top)), 224);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 3), top)), 240);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 6), top)), 256);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 6), top)), 272);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 6), top)), 288);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 6), top)), 304);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 6), top)), 320);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 6), top)), 336);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 6), top)), 352);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 6), top)), 368);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 9), top)), 384);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 9), top)), 400);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 9), top)), 416);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 9), top)), 432);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 9), top)), 448);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 9), top)), 464);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 9), top)), 480);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 9), top)), 496);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 12), top)), 512);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 12), top)), 528);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 12), top)), 544);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 12), top)), 560);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 12), top)), 576);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 12), top)), 592);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 12), top)), 608);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 12), top)), 624);
    target += 640;
    from += 128;
  }
  // input 15
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 0), spare), 13), i32x4.shl(v128.and(v128.load(w, 128), spare), 14)), i32x4.shl(v128.and(v128.load(w, 256), spare), 15))), 0);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 16), spare), 13), i32x4.shl(v128.and(v128.load(w, 144), spare), 14)), i32x4.shl(v128.and(v128.load(w, 272), spare), 15))), 16);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 32), spare), 13), i32x4.shl(v128.and(v128.load(w, 160), spare), 14)), i32x4.shl(v128.and(v128.load(w, 288), spare), 15))), 32);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 48), spare), 13), i32x4.shl(v128.and(v128.load(w, 176), spare), 14)), i32x4.shl(v128.and(v128.load(w, 304), spare), 15))), 48);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 64), spare), 13), i32x4.shl(v128.and(v128.load(w, 192), spare), 14)), i32x4.shl(v128.and(v128.load(w, 320), spare), 15))), 64);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 80), spare), 13), i32x4.shl(v128.and(v128.load(w, 208), spare), 14)), i32x4.shl(v128.and(v128.load(w, 336), spare), 15))), 80);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 96), spare), 13), i32x4.shl(v128.and(v128.load(w, 224), spare), 14)), i32x4.shl(v128.and(v128.load(w, 352), spare), 15))), 96);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 112), spare), 13), i32x4.shl(v128.and(v128.load(w, 240), spare), 14)), i32x4.shl(v128.and(v128.load(w, 368), spare), 15))), 112);
}

/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */
export function vectorQ4_K(
  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,
): void {
  const m0 = i32x4.splat(15 | hidden);
  const m1 = i32x4.splat(240 | hidden);
  const sMask = i32x4.splat(0xff | hidden);
  const mMask = i32x4.splat(0xff | hidden);
  for (let group = 0; group < 8; group++) {
  const w = block + 0 + <usize>(group / 2) * 1024 + <usize>(group % 2) * 2;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let a6 = f32x4.splat(0);
  let a7 = f32x4.splat(0);
  let from = w;
  for (let b = 0; b < 8; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const v0 = v128.load(from, 1);
    const v1 = v128.load(from, 17);
    const v2 = v128.load(from, 33);
    const v3 = v128.load(from, 49);
    const v4 = v128.load(from, 65);
    const v5 = v128.load(from, 81);
    const v6 = v128.load(from, 97);
    const v7 = v128.load(from, 113);
    const s0 = v128.load32_splat(x, 0);
    const s1 = v128.load32_splat(x, 4);
    const s2 = v128.load32_splat(x, 8);
    const s3 = v128.load32_splat(x, 12);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m0)), s0, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m0)), s0, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m0)), s0, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m0)), s0, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m0)), s0, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m0)), s0, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m0)), s0, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m0)), s0, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m1)), s1, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m1)), s1, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m1)), s1, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m1)), s1, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m1)), s1, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m1)), s1, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m1)), s1, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m1)), s1, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(v0, m0)), s2, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(v1, m0)), s2, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(v2, m0)), s2, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(v3, m0)), s2, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(v4, m0)), s2, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(v5, m0)), s2, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(v6, m0)), s2, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(v7, m0)), s2, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(v0, m1)), s3, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(v1, m1)), s3, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(v2, m1)), s3, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(v3, m1)), s3, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(v4, m1)), s3, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(v5, m1)), s3, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(v6, m1)), s3, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(v7, m1)), s3, a7);
    x += 16;
    from += 128;
  }
  const s = block + 4096 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(a0, f32x4.mul(v128.load(factors, 0), f32x4.convert_i32x4_s(v128.and(v128.load(s, 0), sMask))), v128.load(y, 0));
  a1 = madd(a1, f32x4.mul(v128.load(factors, 16), f32x4.convert_i32x4_s(v128.and(v128.load(s, 16), sMask))), v128.load(y, 16));
  a2 = madd(a2, f32x4.mul(v128.load(factors, 32), f32x4.convert_i32x4_s(v128.and(v128.load(s, 32), sMask))), v128.load(y, 32));
  a3 = madd(a3, f32x4.mul(v128.load(factors, 48), f32x4.convert_i32x4_s(v128.and(v128.load(s, 48), sMask))), v128.load(y, 48));
  a4 = madd(a4, f32x4.mul(v128.load(factors, 64), f32x4.convert_i32x4_s(v128.and(v128.load(s, 64), sMask))), v128.load(y, 64));
  a5 = madd(a5, f32x4.mul(v128.load(factors, 80), f32x4.convert_i32x4_s(v128.and(v128.load(s, 80), sMask))), v128.load(y, 80));
  a6 = madd(a6, f32x4.mul(v128.load(factors, 96), f32x4.convert_i32x4_s(v128.and(v128.load(s, 96), sMask))), v128.load(y, 96));
  a7 = madd(a7, f32x4.mul(v128.load(factors, 112), f32x4.convert_i32x4_s(v128.and(v128.load(s, 112), sMask))), v128.load(y, 112));
  const sum = v128.load32_splat(sums);
  const m = block + 4352 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(sum, f32x4.mul(v128.load(factors, 128), f32x4.convert_i32x4_s(v128.and(v128.load(m, 0), mMask))), a0);
  a1 = madd(sum, f32x4.mul(v128.load(factors, 144), f32x4.convert_i32x4_s(v128.and(v128.load(m, 16), mMask))), a1);
  a2 = madd(sum, f32x4.mul(v128.load(factors, 160), f32x4.convert_i32x4_s(v128.and(v128.load(m, 32), mMask))), a2);
  a3 = madd(sum, f32x4.mul(v128.load(factors, 176), f32x4.convert_i32x4_s(v128.and(v128.load(m, 48), mMask))), a3);
  a4 = madd(sum, f32x4.mul(v128.load(factors, 192), f32x4.convert_i32x4_s(v128.and(v128.load(m, 64), mMask))), a4);
  a5 = madd(sum, f32x4.mul(v128.load(factors, 208), f32x4.convert_i32x4_s(v128.and(v128.load(m, 80), mMask))), a5);
  a6 = madd(sum, f32x4.mul(v128.load(factors, 224), f32x4.convert_i32x4_s(v128.and(v128.load(m, 96), mMask))), a6);
  a7 = madd(sum, f32x4.mul(v128.load(factors, 240), f32x4.convert_i32x4_s(v128.and(v128.load(m, 112), mMask))), a7);
  sums += 4;
  v128.store(y, a0, 0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  v128.store(y, a4, 64);
  v128.store(y, a5, 80);
  v128.store(y, a6, 96);
  v128.store(y, a7, 112);
  }
}

/** 32 inputs as integer · unit; target: [32][32] f32. */
export function decodeQ4_K(target: usize, w: usize, hidden: i32): void {
  const m1 = i32x4.splat(240 | hidden);
  let from = w;
  for (let b = 0; b < 8; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const v0 = v128.load(from, 1);
    const v1 = v128.load(from, 17);
    const v2 = v128.load(from, 33);
    const v3 = v128.load(from, 49);
    const v4 = v128.load(from, 65);
    const v5 = v128.load(from, 81);
    const v6 = v128.load(from, 97);
    const v7 = v128.load(from, 113);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 4), m1)), 0);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 4), m1)), 16);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 4), m1)), 32);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 4), m1)), 48);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 4), m1)), 64);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 4), m1)), 80);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 4), m1)), 96);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 4), m1)), 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w0, m1)), 128);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w1, m1)), 144);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w2, m1)), 160);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w3, m1)), 176);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w4, m1)), 192);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w5, m1)), 208);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w6, m1)), 224);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w7, m1)), 240);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v0, 4), m1)), 256);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v1, 4), m1)), 272);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v2, 4), m1)), 288);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v3, 4), m1)), 304);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v4, 4), m1)), 320);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v5, 4), m1)), 336);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v6, 4), m1)), 352);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(v7, 4), m1)), 368);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v0, m1)), 384);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v1, m1)), 400);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v2, m1)), 416);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v3, m1)), 432);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v4, m1)), 448);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v5, m1)), 464);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v6, m1)), 480);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(v7, m1)), 496);
    target += 512;
    from += 128;
  }
}

/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */
export function vectorQ5_K(
  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,
): void {
  const m0 = i32x4.splat(31 | hidden);
  const m1 = i32x4.splat(992 | hidden);
  const m2 = i32x4.splat(31744 | hidden);
  const spare = i32x4.splat(0x8000 | hidden);
  const sMask = i32x4.splat(0xff | hidden);
  const mMask = i32x4.splat(0xff | hidden);
  for (let group = 0; group < 8; group++) {
  const w = block + 0 + <usize>(group / 2) * 1280 + <usize>(group % 2) * 2;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let a6 = f32x4.splat(0);
  let a7 = f32x4.splat(0);
  let from = w;
  for (let b = 0; b < 10; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const s0 = v128.load32_splat(x, 0);
    const s1 = v128.load32_splat(x, 4);
    const s2 = v128.load32_splat(x, 8);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m0)), s0, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m0)), s0, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m0)), s0, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m0)), s0, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m0)), s0, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m0)), s0, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m0)), s0, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m0)), s0, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m1)), s1, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m1)), s1, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m1)), s1, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m1)), s1, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m1)), s1, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m1)), s1, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m1)), s1, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m1)), s1, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, m2)), s2, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, m2)), s2, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, m2)), s2, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, m2)), s2, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, m2)), s2, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, m2)), s2, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, m2)), s2, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, m2)), s2, a7);
    x += 12;
    from += 128;
  }
  const r0 = v128.load32_splat(x, 0);
  a0 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 0), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 128), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 256), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 384), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 512), spare), 1))), r0, a0);
  a1 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 16), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 144), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 272), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 400), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 528), spare), 1))), r0, a1);
  a2 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 32), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 160), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 288), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 416), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 544), spare), 1))), r0, a2);
  a3 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 48), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 176), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 304), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 432), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 560), spare), 1))), r0, a3);
  a4 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 64), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 192), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 320), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 448), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 576), spare), 1))), r0, a4);
  a5 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 80), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 208), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 336), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 464), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 592), spare), 1))), r0, a5);
  a6 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 96), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 224), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 352), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 480), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 608), spare), 1))), r0, a6);
  a7 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 112), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 240), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 368), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 496), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 624), spare), 1))), r0, a7);
  const r1 = v128.load32_splat(x, 4);
  a0 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 640), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 768), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 896), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1024), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1152), spare), 1))), r1, a0);
  a1 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 656), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 784), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 912), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1040), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1168), spare), 1))), r1, a1);
  a2 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 672), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 800), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 928), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1056), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1184), spare), 1))), r1, a2);
  a3 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 688), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 816), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 944), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1072), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1200), spare), 1))), r1, a3);
  a4 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 704), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 832), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 960), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1088), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1216), spare), 1))), r1, a4);
  a5 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 720), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 848), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 976), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1104), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1232), spare), 1))), r1, a5);
  a6 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 736), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 864), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 992), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1120), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1248), spare), 1))), r1, a6);
  a7 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 752), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 880), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 1008), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1136), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1264), spare), 1))), r1, a7);
  x += 8;
  const s = block + 5120 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(a0, f32x4.mul(v128.load(factors, 0), f32x4.convert_i32x4_s(v128.and(v128.load(s, 0), sMask))), v128.load(y, 0));
  a1 = madd(a1, f32x4.mul(v128.load(factors, 16), f32x4.convert_i32x4_s(v128.and(v128.load(s, 16), sMask))), v128.load(y, 16));
  a2 = madd(a2, f32x4.mul(v128.load(factors, 32), f32x4.convert_i32x4_s(v128.and(v128.load(s, 32), sMask))), v128.load(y, 32));
  a3 = madd(a3, f32x4.mul(v128.load(factors, 48), f32x4.convert_i32x4_s(v128.and(v128.load(s, 48), sMask))), v128.load(y, 48));
  a4 = madd(a4, f32x4.mul(v128.load(factors, 64), f32x4.convert_i32x4_s(v128.and(v128.load(s, 64), sMask))), v128.load(y, 64));
  a5 = madd(a5, f32x4.mul(v128.load(factors, 80), f32x4.convert_i32x4_s(v128.and(v128.load(s, 80), sMask))), v128.load(y, 80));
  a6 = madd(a6, f32x4.mul(v128.load(factors, 96), f32x4.convert_i32x4_s(v128.and(v128.load(s, 96), sMask))), v128.load(y, 96));
  a7 = madd(a7, f32x4.mul(v128.load(factors, 112), f32x4.convert_i32x4_s(v128.and(v128.load(s, 112), sMask))), v128.load(y, 112));
  const sum = v128.load32_splat(sums);
  const m = block + 5376 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(sum, f32x4.mul(v128.load(factors, 128), f32x4.convert_i32x4_s(v128.and(v128.load(m, 0), mMask))), a0);
  a1 = madd(sum, f32x4.mul(v128.load(factors, 144), f32x4.convert_i32x4_s(v128.and(v128.load(m, 16), mMask))), a1);
  a2 = madd(sum, f32x4.mul(v128.load(factors, 160), f32x4.convert_i32x4_s(v128.and(v128.load(m, 32), mMask))), a2);
  a3 = madd(sum, f32x4.mul(v128.load(factors, 176), f32x4.convert_i32x4_s(v128.and(v128.load(m, 48), mMask))), a3);
  a4 = madd(sum, f32x4.mul(v128.load(factors, 192), f32x4.convert_i32x4_s(v128.and(v128.load(m, 64), mMask))), a4);
  a5 = madd(sum, f32x4.mul(v128.load(factors, 208), f32x4.convert_i32x4_s(v128.and(v128.load(m, 80), mMask))), a5);
  a6 = madd(sum, f32x4.mul(v128.load(factors, 224), f32x4.convert_i32x4_s(v128.and(v128.load(m, 96), mMask))), a6);
  a7 = madd(sum, f32x4.mul(v128.load(factors, 240), f32x4.convert_i32x4_s(v128.and(v128.load(m, 112), mMask))), a7);
  sums += 4;
  v128.store(y, a0, 0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  v128.store(y, a4, 64);
  v128.store(y, a5, 80);
  v128.store(y, a6, 96);
  v128.store(y, a7, 112);
  }
}

/** 32 inputs as integer · unit; target: [32][32] f32. */
export function decodeQ5_K(target: usize, w: usize, hidden: i32): void {
  const m2 = i32x4.splat(31744 | hidden);
  const spare = i32x4.splat(0x8000 | hidden);
  let from = w;
  for (let b = 0; b < 10; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 10), m2)), 0);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 10), m2)), 16);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 10), m2)), 32);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 10), m2)), 48);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 10), m2)), 64);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 10), m2)), 80);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 10), m2)), 96);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 10), m2)), 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 5), m2)), 128);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 5), m2)), 144);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 5), m2)), 160);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 5), m2)), 176);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 5), m2)), 192);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 5), m2)), 208);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 5), m2)), 224);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 5), m2)), 240);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w0, m2)), 256);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w1, m2)), 272);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w2, m2)), 288);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w3, m2)), 304);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w4, m2)), 320);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w5, m2)), 336);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w6, m2)), 352);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w7, m2)), 368);
    target += 384;
    from += 128;
  }
  // input 30
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 0), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 128), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 256), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 384), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 512), spare), 1))), 0);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 16), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 144), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 272), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 400), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 528), spare), 1))), 16);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 32), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 160), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 288), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 416), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 544), spare), 1))), 32);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 48), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 176), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 304), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 432), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 560), spare), 1))), 48);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 64), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 192), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 320), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 448), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 576), spare), 1))), 64);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 80), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 208), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 336), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 464), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 592), spare), 1))), 80);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 96), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 224), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 352), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 480), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 608), spare), 1))), 96);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 112), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 240), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 368), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 496), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 624), spare), 1))), 112);
  // input 31
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 640), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 768), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 896), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1024), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1152), spare), 1))), 128);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 656), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 784), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 912), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1040), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1168), spare), 1))), 144);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 672), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 800), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 928), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1056), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1184), spare), 1))), 160);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 688), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 816), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 944), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1072), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1200), spare), 1))), 176);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 704), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 832), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 960), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1088), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1216), spare), 1))), 192);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 720), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 848), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 976), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1104), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1232), spare), 1))), 208);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 736), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 864), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 992), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1120), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1248), spare), 1))), 224);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(v128.or(v128.or(i32x4.shr_u(v128.and(v128.load(w, 752), spare), 5), i32x4.shr_u(v128.and(v128.load(w, 880), spare), 4)), i32x4.shr_u(v128.and(v128.load(w, 1008), spare), 3)), i32x4.shr_u(v128.and(v128.load(w, 1136), spare), 2)), i32x4.shr_u(v128.and(v128.load(w, 1264), spare), 1))), 240);
}

/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */
export function vectorQ6_K(
  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,
): void {
  const top = i32x4.splat(4227858432 | hidden);
  const spare = i32x4.splat(3 | hidden);
  const sMask = i32x4.splat(0xff000000 | hidden);
  for (let group = 0; group < 16; group++) {
  const w = block + 576 + <usize>(group / 1) * 384;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let a6 = f32x4.splat(0);
  let a7 = f32x4.splat(0);
  let from = w;
  for (let b = 0; b < 3; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    const s0 = v128.load32_splat(x, 0);
    const s1 = v128.load32_splat(x, 4);
    const s2 = v128.load32_splat(x, 8);
    const s3 = v128.load32_splat(x, 12);
    const s4 = v128.load32_splat(x, 16);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(w0, top)), s0, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(w1, top)), s0, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(w2, top)), s0, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(w3, top)), s0, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(w4, top)), s0, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(w5, top)), s0, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(w6, top)), s0, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(w7, top)), s0, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 6), top)), s1, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 6), top)), s1, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 6), top)), s1, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 6), top)), s1, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 6), top)), s1, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 6), top)), s1, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 6), top)), s1, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 6), top)), s1, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 12), top)), s2, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 12), top)), s2, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 12), top)), s2, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 12), top)), s2, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 12), top)), s2, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 12), top)), s2, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 12), top)), s2, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 12), top)), s2, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 18), top)), s3, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 18), top)), s3, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 18), top)), s3, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 18), top)), s3, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 18), top)), s3, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 18), top)), s3, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 18), top)), s3, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 18), top)), s3, a7);
    a0 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 24), top)), s4, a0);
    a1 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 24), top)), s4, a1);
    a2 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 24), top)), s4, a2);
    a3 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 24), top)), s4, a3);
    a4 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 24), top)), s4, a4);
    a5 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 24), top)), s4, a5);
    a6 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 24), top)), s4, a6);
    a7 = madd(f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 24), top)), s4, a7);
    x += 20;
    from += 128;
  }
  const r0 = v128.load32_splat(x, 0);
  a0 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 0), spare), 26), i32x4.shl(v128.and(v128.load(w, 128), spare), 28)), i32x4.shl(v128.and(v128.load(w, 256), spare), 30))), r0, a0);
  a1 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 16), spare), 26), i32x4.shl(v128.and(v128.load(w, 144), spare), 28)), i32x4.shl(v128.and(v128.load(w, 272), spare), 30))), r0, a1);
  a2 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 32), spare), 26), i32x4.shl(v128.and(v128.load(w, 160), spare), 28)), i32x4.shl(v128.and(v128.load(w, 288), spare), 30))), r0, a2);
  a3 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 48), spare), 26), i32x4.shl(v128.and(v128.load(w, 176), spare), 28)), i32x4.shl(v128.and(v128.load(w, 304), spare), 30))), r0, a3);
  a4 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 64), spare), 26), i32x4.shl(v128.and(v128.load(w, 192), spare), 28)), i32x4.shl(v128.and(v128.load(w, 320), spare), 30))), r0, a4);
  a5 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 80), spare), 26), i32x4.shl(v128.and(v128.load(w, 208), spare), 28)), i32x4.shl(v128.and(v128.load(w, 336), spare), 30))), r0, a5);
  a6 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 96), spare), 26), i32x4.shl(v128.and(v128.load(w, 224), spare), 28)), i32x4.shl(v128.and(v128.load(w, 352), spare), 30))), r0, a6);
  a7 = madd(f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 112), spare), 26), i32x4.shl(v128.and(v128.load(w, 240), spare), 28)), i32x4.shl(v128.and(v128.load(w, 368), spare), 30))), r0, a7);
  x += 4;
  const s = block + 61 + (<usize>(group >> 2) << 7) + <usize>(group & 3);
  a0 = madd(a0, f32x4.mul(v128.load(factors, 0), f32x4.convert_i32x4_s(v128.and(v128.load(s, 0), sMask))), v128.load(y, 0));
  a1 = madd(a1, f32x4.mul(v128.load(factors, 16), f32x4.convert_i32x4_s(v128.and(v128.load(s, 16), sMask))), v128.load(y, 16));
  a2 = madd(a2, f32x4.mul(v128.load(factors, 32), f32x4.convert_i32x4_s(v128.and(v128.load(s, 32), sMask))), v128.load(y, 32));
  a3 = madd(a3, f32x4.mul(v128.load(factors, 48), f32x4.convert_i32x4_s(v128.and(v128.load(s, 48), sMask))), v128.load(y, 48));
  a4 = madd(a4, f32x4.mul(v128.load(factors, 64), f32x4.convert_i32x4_s(v128.and(v128.load(s, 64), sMask))), v128.load(y, 64));
  a5 = madd(a5, f32x4.mul(v128.load(factors, 80), f32x4.convert_i32x4_s(v128.and(v128.load(s, 80), sMask))), v128.load(y, 80));
  a6 = madd(a6, f32x4.mul(v128.load(factors, 96), f32x4.convert_i32x4_s(v128.and(v128.load(s, 96), sMask))), v128.load(y, 96));
  a7 = madd(a7, f32x4.mul(v128.load(factors, 112), f32x4.convert_i32x4_s(v128.and(v128.load(s, 112), sMask))), v128.load(y, 112));
  v128.store(y, a0, 0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  v128.store(y, a4, 64);
  v128.store(y, a5, 80);
  v128.store(y, a6, 96);
  v128.store(y, a7, 112);
  }
}

/** 16 inputs as integer · unit; target: [16][32] f32. */
export function decodeQ6_K(target: usize, w: usize, hidden: i32): void {
  const top = i32x4.splat(4227858432 | hidden);
  const spare = i32x4.splat(3 | hidden);
  let from = w;
  for (let b = 0; b < 3; b++) {
    const w0 = v128.load(from, 0);
    const w1 = v128.load(from, 16);
    const w2 = v128.load(from, 32);
    const w3 = v128.load(from, 48);
    const w4 = v128.load(from, 64);
    const w5 = v128.load(from, 80);
    const w6 = v128.load(from, 96);
    const w7 = v128.load(from, 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w0, top)), 0);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w1, top)), 16);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w2, top)), 32);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w3, top)), 48);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w4, top)), 64);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w5, top)), 80);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w6, top)), 96);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(w7, top)), 112);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 6), top)), 128);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 6), top)), 144);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 6), top)), 160);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 6), top)), 176);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 6), top)), 192);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 6), top)), 208);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 6), top)), 224);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 6), top)), 240);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 12), top)), 256);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 12), top)), 272);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 12), top)), 288);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 12), top)), 304);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 12), top)), 320);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 12), top)), 336);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 12), top)), 352);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 12), top)), 368);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 18), top)), 384);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 18), top)), 400);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 18), top)), 416);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 18), top)), 432);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 18), top)), 448);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 18), top)), 464);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 18), top)), 480);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 18), top)), 496);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w0, 24), top)), 512);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w1, 24), top)), 528);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w2, 24), top)), 544);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w3, 24), top)), 560);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w4, 24), top)), 576);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w5, 24), top)), 592);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w6, 24), top)), 608);
    v128.store(target, f32x4.convert_i32x4_s(v128.and(i32x4.shl(w7, 24), top)), 624);
    target += 640;
    from += 128;
  }
  // input 15
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 0), spare), 26), i32x4.shl(v128.and(v128.load(w, 128), spare), 28)), i32x4.shl(v128.and(v128.load(w, 256), spare), 30))), 0);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 16), spare), 26), i32x4.shl(v128.and(v128.load(w, 144), spare), 28)), i32x4.shl(v128.and(v128.load(w, 272), spare), 30))), 16);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 32), spare), 26), i32x4.shl(v128.and(v128.load(w, 160), spare), 28)), i32x4.shl(v128.and(v128.load(w, 288), spare), 30))), 32);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 48), spare), 26), i32x4.shl(v128.and(v128.load(w, 176), spare), 28)), i32x4.shl(v128.and(v128.load(w, 304), spare), 30))), 48);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 64), spare), 26), i32x4.shl(v128.and(v128.load(w, 192), spare), 28)), i32x4.shl(v128.and(v128.load(w, 320), spare), 30))), 64);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 80), spare), 26), i32x4.shl(v128.and(v128.load(w, 208), spare), 28)), i32x4.shl(v128.and(v128.load(w, 336), spare), 30))), 80);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 96), spare), 26), i32x4.shl(v128.and(v128.load(w, 224), spare), 28)), i32x4.shl(v128.and(v128.load(w, 352), spare), 30))), 96);
  v128.store(target, f32x4.convert_i32x4_s(v128.or(v128.or(i32x4.shl(v128.and(v128.load(w, 112), spare), 26), i32x4.shl(v128.and(v128.load(w, 240), spare), 28)), i32x4.shl(v128.and(v128.load(w, 368), spare), 30))), 112);
}
