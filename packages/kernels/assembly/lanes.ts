/**
 * Small things that several kernels share: partial vectors at the end of a row, and fixed folds.
 *
 * Kernels own no memory. What does not fill a vector is read and written lane by lane, so that
 * nothing beyond a row is ever touched.
 */

/** The first `count` (0 to 4) numbers at `address`, then zeros. */
export function loadPart(address: usize, count: i32): v128 {
  let part = f32x4.splat(0);
  if (count > 0) part = f32x4.replace_lane(part, 0, load<f32>(address));
  if (count > 1) part = f32x4.replace_lane(part, 1, load<f32>(address, 4));
  if (count > 2) part = f32x4.replace_lane(part, 2, load<f32>(address, 8));
  if (count > 3) part = f32x4.replace_lane(part, 3, load<f32>(address, 12));
  return part;
}

/** Writes the first `count` (0 to 4) lanes. */
export function storePart(address: usize, part: v128, count: i32): void {
  if (count > 0) store<f32>(address, f32x4.extract_lane(part, 0));
  if (count > 1) store<f32>(address, f32x4.extract_lane(part, 1), 4);
  if (count > 2) store<f32>(address, f32x4.extract_lane(part, 2), 8);
  if (count > 3) store<f32>(address, f32x4.extract_lane(part, 3), 12);
}

/** The fixed tree over 16 partial sums, four to a vector: the reference's `foldLanes`. */
export function foldLanes(a: v128, b: v128, c: v128, d: v128): f32 {
  const group = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const low = f32x4.extract_lane(group, 0) + f32x4.extract_lane(group, 1);
  return low + (f32x4.extract_lane(group, 2) + f32x4.extract_lane(group, 3));
}

/** The largest of 16 numbers, four to a vector. */
export function largestOf(a: v128, b: v128, c: v128, d: v128): f32 {
  const group = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  const low = larger(f32x4.extract_lane(group, 0), f32x4.extract_lane(group, 1));
  return larger(low, larger(f32x4.extract_lane(group, 2), f32x4.extract_lane(group, 3)));
}

// @ts-ignore: decorator
@inline
function larger(a: f32, b: f32): f32 {
  return a < b ? b : a;
}
