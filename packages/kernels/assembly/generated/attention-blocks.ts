/** Register blocks, written by scripts/attention-blocks.ts; do not edit. */

import { madd } from '../fma';

/** 4 rows × 8 tokens. p: [4][16]; k: [headWidth][16]. */
export function scores8(p: usize, q0: usize, q1: usize, q2: usize, q3: usize,
  k: usize, headWidth: i32, scale: f32): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  for (; headWidth > 0; headWidth--) {
    const k0 = v128.load(k, 0);
    const k1 = v128.load(k, 16);
    const i0 = v128.load32_splat(q0);
    s0_0 = madd(k0, i0, s0_0);
    s0_1 = madd(k1, i0, s0_1);
    const i1 = v128.load32_splat(q1);
    s1_0 = madd(k0, i1, s1_0);
    s1_1 = madd(k1, i1, s1_1);
    const i2 = v128.load32_splat(q2);
    s2_0 = madd(k0, i2, s2_0);
    s2_1 = madd(k1, i2, s2_1);
    const i3 = v128.load32_splat(q3);
    s3_0 = madd(k0, i3, s3_0);
    s3_1 = madd(k1, i3, s3_1);
    q0 += 4;
    q1 += 4;
    q2 += 4;
    q3 += 4;
    k += 64;
  }
  const factor = f32x4.splat(scale);
  v128.store(p, f32x4.mul(s0_0, factor), 0);
  v128.store(p, f32x4.mul(s0_1, factor), 16);
  v128.store(p, f32x4.mul(s1_0, factor), 64);
  v128.store(p, f32x4.mul(s1_1, factor), 80);
  v128.store(p, f32x4.mul(s2_0, factor), 128);
  v128.store(p, f32x4.mul(s2_1, factor), 144);
  v128.store(p, f32x4.mul(s3_0, factor), 192);
  v128.store(p, f32x4.mul(s3_1, factor), 208);
}

/** 4 rows × 16 tokens. p: [4][16]; k: [headWidth][16]. */
export function scores16(p: usize, q0: usize, q1: usize, q2: usize, q3: usize,
  k: usize, headWidth: i32, scale: f32): void {
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
  for (; headWidth > 0; headWidth--) {
    const k0 = v128.load(k, 0);
    const k1 = v128.load(k, 16);
    const k2 = v128.load(k, 32);
    const k3 = v128.load(k, 48);
    const i0 = v128.load32_splat(q0);
    s0_0 = madd(k0, i0, s0_0);
    s0_1 = madd(k1, i0, s0_1);
    s0_2 = madd(k2, i0, s0_2);
    s0_3 = madd(k3, i0, s0_3);
    const i1 = v128.load32_splat(q1);
    s1_0 = madd(k0, i1, s1_0);
    s1_1 = madd(k1, i1, s1_1);
    s1_2 = madd(k2, i1, s1_2);
    s1_3 = madd(k3, i1, s1_3);
    const i2 = v128.load32_splat(q2);
    s2_0 = madd(k0, i2, s2_0);
    s2_1 = madd(k1, i2, s2_1);
    s2_2 = madd(k2, i2, s2_2);
    s2_3 = madd(k3, i2, s2_3);
    const i3 = v128.load32_splat(q3);
    s3_0 = madd(k0, i3, s3_0);
    s3_1 = madd(k1, i3, s3_1);
    s3_2 = madd(k2, i3, s3_2);
    s3_3 = madd(k3, i3, s3_3);
    q0 += 4;
    q1 += 4;
    q2 += 4;
    q3 += 4;
    k += 64;
  }
  const factor = f32x4.splat(scale);
  v128.store(p, f32x4.mul(s0_0, factor), 0);
  v128.store(p, f32x4.mul(s0_1, factor), 16);
  v128.store(p, f32x4.mul(s0_2, factor), 32);
  v128.store(p, f32x4.mul(s0_3, factor), 48);
  v128.store(p, f32x4.mul(s1_0, factor), 64);
  v128.store(p, f32x4.mul(s1_1, factor), 80);
  v128.store(p, f32x4.mul(s1_2, factor), 96);
  v128.store(p, f32x4.mul(s1_3, factor), 112);
  v128.store(p, f32x4.mul(s2_0, factor), 128);
  v128.store(p, f32x4.mul(s2_1, factor), 144);
  v128.store(p, f32x4.mul(s2_2, factor), 160);
  v128.store(p, f32x4.mul(s2_3, factor), 176);
  v128.store(p, f32x4.mul(s3_0, factor), 192);
  v128.store(p, f32x4.mul(s3_1, factor), 208);
  v128.store(p, f32x4.mul(s3_2, factor), 224);
  v128.store(p, f32x4.mul(s3_3, factor), 240);
}

/** 4 rows × 8 elements. p: [4][16]; kept: [4]; v: [tokens][rowBytes]. */
export function values8(out0: usize, out1: usize, out2: usize, out3: usize, p: usize,
  kept: usize, v: usize, rowBytes: usize, tokens: i32): void {
  const kept0 = v128.load32_splat(kept, 0);
  const kept1 = v128.load32_splat(kept, 4);
  const kept2 = v128.load32_splat(kept, 8);
  const kept3 = v128.load32_splat(kept, 12);
  let s0_0 = f32x4.mul(v128.load(out0, 0), kept0);
  let s0_1 = f32x4.mul(v128.load(out0, 16), kept0);
  let s1_0 = f32x4.mul(v128.load(out1, 0), kept1);
  let s1_1 = f32x4.mul(v128.load(out1, 16), kept1);
  let s2_0 = f32x4.mul(v128.load(out2, 0), kept2);
  let s2_1 = f32x4.mul(v128.load(out2, 16), kept2);
  let s3_0 = f32x4.mul(v128.load(out3, 0), kept3);
  let s3_1 = f32x4.mul(v128.load(out3, 16), kept3);
  let p1 = p + 64;
  let p2 = p + 128;
  let p3 = p + 192;
  for (; tokens > 0; tokens--) {
    const v0 = v128.load(v, 0);
    const v1 = v128.load(v, 16);
    const i0 = v128.load32_splat(p);
    s0_0 = madd(v0, i0, s0_0);
    s0_1 = madd(v1, i0, s0_1);
    const i1 = v128.load32_splat(p1);
    s1_0 = madd(v0, i1, s1_0);
    s1_1 = madd(v1, i1, s1_1);
    const i2 = v128.load32_splat(p2);
    s2_0 = madd(v0, i2, s2_0);
    s2_1 = madd(v1, i2, s2_1);
    const i3 = v128.load32_splat(p3);
    s3_0 = madd(v0, i3, s3_0);
    s3_1 = madd(v1, i3, s3_1);
    p += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
    v += rowBytes;
  }
  v128.store(out0, s0_0, 0);
  v128.store(out0, s0_1, 16);
  v128.store(out1, s1_0, 0);
  v128.store(out1, s1_1, 16);
  v128.store(out2, s2_0, 0);
  v128.store(out2, s2_1, 16);
  v128.store(out3, s3_0, 0);
  v128.store(out3, s3_1, 16);
}

/** 4 rows × 16 elements. p: [4][16]; kept: [4]; v: [tokens][rowBytes]. */
export function values16(out0: usize, out1: usize, out2: usize, out3: usize, p: usize,
  kept: usize, v: usize, rowBytes: usize, tokens: i32): void {
  const kept0 = v128.load32_splat(kept, 0);
  const kept1 = v128.load32_splat(kept, 4);
  const kept2 = v128.load32_splat(kept, 8);
  const kept3 = v128.load32_splat(kept, 12);
  let s0_0 = f32x4.mul(v128.load(out0, 0), kept0);
  let s0_1 = f32x4.mul(v128.load(out0, 16), kept0);
  let s0_2 = f32x4.mul(v128.load(out0, 32), kept0);
  let s0_3 = f32x4.mul(v128.load(out0, 48), kept0);
  let s1_0 = f32x4.mul(v128.load(out1, 0), kept1);
  let s1_1 = f32x4.mul(v128.load(out1, 16), kept1);
  let s1_2 = f32x4.mul(v128.load(out1, 32), kept1);
  let s1_3 = f32x4.mul(v128.load(out1, 48), kept1);
  let s2_0 = f32x4.mul(v128.load(out2, 0), kept2);
  let s2_1 = f32x4.mul(v128.load(out2, 16), kept2);
  let s2_2 = f32x4.mul(v128.load(out2, 32), kept2);
  let s2_3 = f32x4.mul(v128.load(out2, 48), kept2);
  let s3_0 = f32x4.mul(v128.load(out3, 0), kept3);
  let s3_1 = f32x4.mul(v128.load(out3, 16), kept3);
  let s3_2 = f32x4.mul(v128.load(out3, 32), kept3);
  let s3_3 = f32x4.mul(v128.load(out3, 48), kept3);
  let p1 = p + 64;
  let p2 = p + 128;
  let p3 = p + 192;
  for (; tokens > 0; tokens--) {
    const v0 = v128.load(v, 0);
    const v1 = v128.load(v, 16);
    const v2 = v128.load(v, 32);
    const v3 = v128.load(v, 48);
    const i0 = v128.load32_splat(p);
    s0_0 = madd(v0, i0, s0_0);
    s0_1 = madd(v1, i0, s0_1);
    s0_2 = madd(v2, i0, s0_2);
    s0_3 = madd(v3, i0, s0_3);
    const i1 = v128.load32_splat(p1);
    s1_0 = madd(v0, i1, s1_0);
    s1_1 = madd(v1, i1, s1_1);
    s1_2 = madd(v2, i1, s1_2);
    s1_3 = madd(v3, i1, s1_3);
    const i2 = v128.load32_splat(p2);
    s2_0 = madd(v0, i2, s2_0);
    s2_1 = madd(v1, i2, s2_1);
    s2_2 = madd(v2, i2, s2_2);
    s2_3 = madd(v3, i2, s2_3);
    const i3 = v128.load32_splat(p3);
    s3_0 = madd(v0, i3, s3_0);
    s3_1 = madd(v1, i3, s3_1);
    s3_2 = madd(v2, i3, s3_2);
    s3_3 = madd(v3, i3, s3_3);
    p += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
    v += rowBytes;
  }
  v128.store(out0, s0_0, 0);
  v128.store(out0, s0_1, 16);
  v128.store(out0, s0_2, 32);
  v128.store(out0, s0_3, 48);
  v128.store(out1, s1_0, 0);
  v128.store(out1, s1_1, 16);
  v128.store(out1, s1_2, 32);
  v128.store(out1, s1_3, 48);
  v128.store(out2, s2_0, 0);
  v128.store(out2, s2_1, 16);
  v128.store(out2, s2_2, 32);
  v128.store(out2, s2_3, 48);
  v128.store(out3, s3_0, 0);
  v128.store(out3, s3_1, 16);
  v128.store(out3, s3_2, 32);
  v128.store(out3, s3_3, 48);
}
