/**
 * Dropout: which elements are zeroed is a hash of their place, so any part can be made alone, at
 * any time, by anybody.
 */

/**
 * y = x · factor where the hash of an element's index is at least `threshold`, else 0. Contiguous,
 * in place or not; count is a multiple of 4, `index` that of the first element. Both keys say whose
 * elements they are; the hash is that of `@wafer/train`, reference.
 */
export function dropRows(
  y: usize,
  x: usize,
  count: i32,
  index: i32,
  key0: i32,
  key1: i32,
  threshold: u32,
  factor: f32,
): void {
  const limit = i32x4.splat(<i32>threshold);
  const scale = f32x4.splat(factor);
  let place = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  for (; count > 0; count -= 4) {
    const isKept = i32x4.ge_u(hash(place, key0, key1), limit);
    v128.store(y, v128.and(f32x4.mul(v128.load(x), scale), isKept));
    place = i32x4.add(place, i32x4.splat(4));
    x += 16;
    y += 16;
  }
}

/** Source: Wellons 2018 (rounds of multiply and shift); keys are put in before and between. */
function hash(place: v128, key0: i32, key1: i32): v128 {
  let h = i32x4.add(i32x4.mul(place, i32x4.splat(<i32>0x9e3779b1)), i32x4.splat(key0));
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = i32x4.mul(h, i32x4.splat(0x21f0aaad));
  h = v128.xor(v128.xor(h, i32x4.shr_u(h, 15)), i32x4.splat(key1));
  h = i32x4.mul(h, i32x4.splat(0x735a2d97));
  return v128.xor(h, i32x4.shr_u(h, 15));
}
