/**
 * Turns rows into columns: words of four rows, and bytes of sixteen.
 */

/** Writes the columns of four rows of words, `stride` bytes apart. */
export function storeTransposed(
  target: usize,
  stride: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(target + stride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(target + 2 * stride, v128.shuffle<i64>(ab2, cd2, 0, 2));
  v128.store(target + 3 * stride, v128.shuffle<i64>(ab2, cd2, 1, 3));
}

/** 8 bytes of two rows in turns. */
// @ts-ignore: decorator
@inline
export function pairs(row: usize, next: usize): v128 {
  const a = v128.load64_zero(row);
  const b = v128.load64_zero(next);
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Writes the 8 columns of 16 rows of bytes that come as pairs of rows. */
// @ts-ignore: decorator
@inline
export function storeWords(
  target: usize,
  stride: usize,
  a: v128,
  a2: v128,
  b: v128,
  b2: v128,
  c: v128,
  c2: v128,
  d: v128,
  d2: v128,
): void {
  storeTransposed(target, stride, low(a, a2), low(b, b2), low(c, c2), low(d, d2));
  target += stride << 2;
  storeTransposed(target, stride, high(a, a2), high(b, b2), high(c, c2), high(d, d2));
}

/** The first four pairs of two in turns: words of four rows. */
// @ts-ignore: decorator
@inline
export function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The last four pairs of two in turns. */
// @ts-ignore: decorator
@inline
export function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
