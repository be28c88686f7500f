/** Register blocks of training, written by scripts/train-blocks.ts; do not edit. */

import { madd } from '../fma';
import { WIDE } from '../wide';

/** 1 rows × 8 columns. */
function start1x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
}

/** 2 rows × 8 columns. */
function start2x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
}

/** 3 rows × 8 columns. */
function start3x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
}

/** 4 rows × 8 columns. */
function start4x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
}

/** 5 rows × 8 columns. */
function start5x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
}

/** 6 rows × 8 columns. */
function start6x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
}

/** 1 rows × 16 columns. */
function start1x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
}

/** 2 rows × 16 columns. */
function start2x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
}

/** 3 rows × 16 columns. */
function start3x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
}

/** 4 rows × 16 columns. */
function start4x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
}

/** 5 rows × 16 columns. */
function start5x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
}

/** 6 rows × 16 columns. */
function start6x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      s5_2 = madd(b2, i5, s5_2);
      s5_3 = madd(b3, i5, s5_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
  v128.store(c5, s5_2, 32);
  v128.store(c5, s5_3, 48);
}

/** 1 rows × 8 columns. */
function more1x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
}

/** 2 rows × 8 columns. */
function more2x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
}

/** 3 rows × 8 columns. */
function more3x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
}

/** 4 rows × 8 columns. */
function more4x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
}

/** 5 rows × 8 columns. */
function more5x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  let s4_0 = v128.load(c4, 0);
  let s4_1 = v128.load(c4, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
}

/** 6 rows × 8 columns. */
function more6x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  let s4_0 = v128.load(c4, 0);
  let s4_1 = v128.load(c4, 16);
  let s5_0 = v128.load(c5, 0);
  let s5_1 = v128.load(c5, 16);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
}

/** 1 rows × 16 columns. */
function more1x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
}

/** 2 rows × 16 columns. */
function more2x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s1_2 = v128.load(c1, 32);
  let s1_3 = v128.load(c1, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
}

/** 3 rows × 16 columns. */
function more3x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s1_2 = v128.load(c1, 32);
  let s1_3 = v128.load(c1, 48);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s2_2 = v128.load(c2, 32);
  let s2_3 = v128.load(c2, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
}

/** 4 rows × 16 columns. */
function more4x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s1_2 = v128.load(c1, 32);
  let s1_3 = v128.load(c1, 48);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s2_2 = v128.load(c2, 32);
  let s2_3 = v128.load(c2, 48);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  let s3_2 = v128.load(c3, 32);
  let s3_3 = v128.load(c3, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
}

/** 5 rows × 16 columns. */
function more5x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s1_2 = v128.load(c1, 32);
  let s1_3 = v128.load(c1, 48);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s2_2 = v128.load(c2, 32);
  let s2_3 = v128.load(c2, 48);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  let s3_2 = v128.load(c3, 32);
  let s3_3 = v128.load(c3, 48);
  let s4_0 = v128.load(c4, 0);
  let s4_1 = v128.load(c4, 16);
  let s4_2 = v128.load(c4, 32);
  let s4_3 = v128.load(c4, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
}

/** 6 rows × 16 columns. */
function more6x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  let s0_0 = v128.load(c, 0);
  let s0_1 = v128.load(c, 16);
  let s0_2 = v128.load(c, 32);
  let s0_3 = v128.load(c, 48);
  let s1_0 = v128.load(c1, 0);
  let s1_1 = v128.load(c1, 16);
  let s1_2 = v128.load(c1, 32);
  let s1_3 = v128.load(c1, 48);
  let s2_0 = v128.load(c2, 0);
  let s2_1 = v128.load(c2, 16);
  let s2_2 = v128.load(c2, 32);
  let s2_3 = v128.load(c2, 48);
  let s3_0 = v128.load(c3, 0);
  let s3_1 = v128.load(c3, 16);
  let s3_2 = v128.load(c3, 32);
  let s3_3 = v128.load(c3, 48);
  let s4_0 = v128.load(c4, 0);
  let s4_1 = v128.load(c4, 16);
  let s4_2 = v128.load(c4, 32);
  let s4_3 = v128.load(c4, 48);
  let s5_0 = v128.load(c5, 0);
  let s5_1 = v128.load(c5, 16);
  let s5_2 = v128.load(c5, 32);
  let s5_3 = v128.load(c5, 48);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      s5_2 = madd(b2, i5, s5_2);
      s5_3 = madd(b3, i5, s5_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
  v128.store(c5, s5_2, 32);
  v128.store(c5, s5_3, 48);
}

/** 1 rows × 8 columns. */
function join1x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
}

/** 2 rows × 8 columns. */
function join2x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
}

/** 3 rows × 8 columns. */
function join3x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
}

/** 4 rows × 8 columns. */
function join4x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s2_0 = f32x4.splat(0);
  let s2_1 = f32x4.splat(0);
  let s3_0 = f32x4.splat(0);
  let s3_1 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
}

/** 5 rows × 8 columns. */
function join5x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  s4_0 = f32x4.add(v128.load(c4, 0), s4_0);
  s4_1 = f32x4.add(v128.load(c4, 16), s4_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
}

/** 6 rows × 8 columns. */
function join6x8(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  s4_0 = f32x4.add(v128.load(c4, 0), s4_0);
  s4_1 = f32x4.add(v128.load(c4, 16), s4_1);
  s5_0 = f32x4.add(v128.load(c5, 0), s5_0);
  s5_1 = f32x4.add(v128.load(c5, 16), s5_1);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
}

/** 1 rows × 16 columns. */
function join1x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      a += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
}

/** 2 rows × 16 columns. */
function join2x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  let a1 = a + aRow;
  let s0_0 = f32x4.splat(0);
  let s0_1 = f32x4.splat(0);
  let s0_2 = f32x4.splat(0);
  let s0_3 = f32x4.splat(0);
  let s1_0 = f32x4.splat(0);
  let s1_1 = f32x4.splat(0);
  let s1_2 = f32x4.splat(0);
  let s1_3 = f32x4.splat(0);
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      a += aStep;
      a1 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s1_2 = f32x4.add(v128.load(c1, 32), s1_2);
  s1_3 = f32x4.add(v128.load(c1, 48), s1_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
}

/** 3 rows × 16 columns. */
function join3x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s1_2 = f32x4.add(v128.load(c1, 32), s1_2);
  s1_3 = f32x4.add(v128.load(c1, 48), s1_3);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s2_2 = f32x4.add(v128.load(c2, 32), s2_2);
  s2_3 = f32x4.add(v128.load(c2, 48), s2_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
}

/** 4 rows × 16 columns. */
function join4x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s1_2 = f32x4.add(v128.load(c1, 32), s1_2);
  s1_3 = f32x4.add(v128.load(c1, 48), s1_3);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s2_2 = f32x4.add(v128.load(c2, 32), s2_2);
  s2_3 = f32x4.add(v128.load(c2, 48), s2_3);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  s3_2 = f32x4.add(v128.load(c3, 32), s3_2);
  s3_3 = f32x4.add(v128.load(c3, 48), s3_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
}

/** 5 rows × 16 columns. */
function join5x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s1_2 = f32x4.add(v128.load(c1, 32), s1_2);
  s1_3 = f32x4.add(v128.load(c1, 48), s1_3);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s2_2 = f32x4.add(v128.load(c2, 32), s2_2);
  s2_3 = f32x4.add(v128.load(c2, 48), s2_3);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  s3_2 = f32x4.add(v128.load(c3, 32), s3_2);
  s3_3 = f32x4.add(v128.load(c3, 48), s3_3);
  s4_0 = f32x4.add(v128.load(c4, 0), s4_0);
  s4_1 = f32x4.add(v128.load(c4, 16), s4_1);
  s4_2 = f32x4.add(v128.load(c4, 32), s4_2);
  s4_3 = f32x4.add(v128.load(c4, 48), s4_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
}

/** 6 rows × 16 columns. */
function join6x16(
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  const c1 = c + cStride;
  const c2 = c1 + cStride;
  const c3 = c2 + cStride;
  const c4 = c3 + cStride;
  const c5 = c4 + cStride;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
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
  while (true) {
    let turns = min(inner, count);
    count -= turns;
    for (; turns > 0; turns--) {
      const b0 = v128.load(b, 0);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const i0 = v128.load32_splat(a);
      s0_0 = madd(b0, i0, s0_0);
      s0_1 = madd(b1, i0, s0_1);
      s0_2 = madd(b2, i0, s0_2);
      s0_3 = madd(b3, i0, s0_3);
      const i1 = v128.load32_splat(a1);
      s1_0 = madd(b0, i1, s1_0);
      s1_1 = madd(b1, i1, s1_1);
      s1_2 = madd(b2, i1, s1_2);
      s1_3 = madd(b3, i1, s1_3);
      const i2 = v128.load32_splat(a2);
      s2_0 = madd(b0, i2, s2_0);
      s2_1 = madd(b1, i2, s2_1);
      s2_2 = madd(b2, i2, s2_2);
      s2_3 = madd(b3, i2, s2_3);
      const i3 = v128.load32_splat(a3);
      s3_0 = madd(b0, i3, s3_0);
      s3_1 = madd(b1, i3, s3_1);
      s3_2 = madd(b2, i3, s3_2);
      s3_3 = madd(b3, i3, s3_3);
      const i4 = v128.load32_splat(a4);
      s4_0 = madd(b0, i4, s4_0);
      s4_1 = madd(b1, i4, s4_1);
      s4_2 = madd(b2, i4, s4_2);
      s4_3 = madd(b3, i4, s4_3);
      const i5 = v128.load32_splat(a5);
      s5_0 = madd(b0, i5, s5_0);
      s5_1 = madd(b1, i5, s5_1);
      s5_2 = madd(b2, i5, s5_2);
      s5_3 = madd(b3, i5, s5_3);
      a += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      a4 += aStep;
      a5 += aStep;
      b += 64;
    }
    if (count <= 0) break;
    a += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    a4 += jump;
    a5 += jump;
  }
  s0_0 = f32x4.add(v128.load(c, 0), s0_0);
  s0_1 = f32x4.add(v128.load(c, 16), s0_1);
  s0_2 = f32x4.add(v128.load(c, 32), s0_2);
  s0_3 = f32x4.add(v128.load(c, 48), s0_3);
  s1_0 = f32x4.add(v128.load(c1, 0), s1_0);
  s1_1 = f32x4.add(v128.load(c1, 16), s1_1);
  s1_2 = f32x4.add(v128.load(c1, 32), s1_2);
  s1_3 = f32x4.add(v128.load(c1, 48), s1_3);
  s2_0 = f32x4.add(v128.load(c2, 0), s2_0);
  s2_1 = f32x4.add(v128.load(c2, 16), s2_1);
  s2_2 = f32x4.add(v128.load(c2, 32), s2_2);
  s2_3 = f32x4.add(v128.load(c2, 48), s2_3);
  s3_0 = f32x4.add(v128.load(c3, 0), s3_0);
  s3_1 = f32x4.add(v128.load(c3, 16), s3_1);
  s3_2 = f32x4.add(v128.load(c3, 32), s3_2);
  s3_3 = f32x4.add(v128.load(c3, 48), s3_3);
  s4_0 = f32x4.add(v128.load(c4, 0), s4_0);
  s4_1 = f32x4.add(v128.load(c4, 16), s4_1);
  s4_2 = f32x4.add(v128.load(c4, 32), s4_2);
  s4_3 = f32x4.add(v128.load(c4, 48), s4_3);
  s5_0 = f32x4.add(v128.load(c5, 0), s5_0);
  s5_1 = f32x4.add(v128.load(c5, 16), s5_1);
  s5_2 = f32x4.add(v128.load(c5, 32), s5_2);
  s5_3 = f32x4.add(v128.load(c5, 48), s5_3);
  v128.store(c, s0_0, 0);
  v128.store(c, s0_1, 16);
  v128.store(c, s0_2, 32);
  v128.store(c, s0_3, 48);
  v128.store(c1, s1_0, 0);
  v128.store(c1, s1_1, 16);
  v128.store(c1, s1_2, 32);
  v128.store(c1, s1_3, 48);
  v128.store(c2, s2_0, 0);
  v128.store(c2, s2_1, 16);
  v128.store(c2, s2_2, 32);
  v128.store(c2, s2_3, 48);
  v128.store(c3, s3_0, 0);
  v128.store(c3, s3_1, 16);
  v128.store(c3, s3_2, 32);
  v128.store(c3, s3_3, 48);
  v128.store(c4, s4_0, 0);
  v128.store(c4, s4_1, 16);
  v128.store(c4, s4_2, 32);
  v128.store(c4, s4_3, 48);
  v128.store(c5, s5_0, 0);
  v128.store(c5, s5_1, 16);
  v128.store(c5, s5_2, 32);
  v128.store(c5, s5_3, 48);
}

/** start: 1 to 6 rows × 16 columns. */
export function startBlock(
  rows: i32,
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  if (WIDE) {
    if (rows === 6) { start6x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 5) { start5x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 4) { start4x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 3) { start3x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 2) { start2x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 1) { start1x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
  }
  if (rows === 6) { start6x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start6x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 5) { start5x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start5x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 4) { start4x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start4x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 3) { start3x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start3x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 2) { start2x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start2x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 1) { start1x8(c, cStride, a, aRow, aStep, b, count, inner, jump); start1x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
}

/** more: 1 to 6 rows × 16 columns. */
export function moreBlock(
  rows: i32,
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  if (WIDE) {
    if (rows === 6) { more6x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 5) { more5x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 4) { more4x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 3) { more3x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 2) { more2x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 1) { more1x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
  }
  if (rows === 6) { more6x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more6x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 5) { more5x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more5x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 4) { more4x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more4x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 3) { more3x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more3x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 2) { more2x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more2x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 1) { more1x8(c, cStride, a, aRow, aStep, b, count, inner, jump); more1x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
}

/** join: 1 to 6 rows × 16 columns. */
export function joinBlock(
  rows: i32,
  c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,
  count: i32, inner: i32, jump: usize
): void {
  if (WIDE) {
    if (rows === 6) { join6x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 5) { join5x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 4) { join4x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 3) { join3x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 2) { join2x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
    if (rows === 1) { join1x16(c, cStride, a, aRow, aStep, b, count, inner, jump); return; }
  }
  if (rows === 6) { join6x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join6x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 5) { join5x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join5x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 4) { join4x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join4x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 3) { join3x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join3x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 2) { join2x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join2x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
  if (rows === 1) { join1x8(c, cStride, a, aRow, aStep, b, count, inner, jump); join1x8(c + 32, cStride, a, aRow, aStep, b + 32, count, inner, jump); return; }
}
