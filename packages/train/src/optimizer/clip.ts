/**
 * The norm of all gradients together, and what they are multiplied by to hold a limit.
 *
 * Squares are added in f64, where the product of two f32 is exact: blocks of 4,096 elements of a
 * tensor in 4 lanes, (l0 + l1) + (l2 + l3), then blocks and tensors in ascending order. So blocks
 * can be shared out among threads.
 */

/** Elements of a block. */
export const NORM_BLOCK = 4096;

/** Sums of squares of each block of a tensor. */
export function blockSquares(gradient: Float32Array): Float64Array {
  const sums = new Float64Array(Math.ceil(gradient.length / NORM_BLOCK));
  for (let block = 0; block < sums.length; block++) {
    const lanes = new Float64Array(4);
    const end = Math.min(gradient.length, (block + 1) * NORM_BLOCK);
    for (let i = block * NORM_BLOCK; i < end; i++) {
      lanes[i % 4] = lanes[i % 4]! + gradient[i]! * gradient[i]!;
    }
    sums[block] = lanes[0]! + lanes[1]! + (lanes[2]! + lanes[3]!);
  }
  return sums;
}

/** √ of all sums, in ascending order. */
export function normOf(tensors: Iterable<Float64Array>): number {
  let sum = 0;
  for (const blocks of tensors) for (const block of blocks) sum += block;
  return Math.sqrt(sum);
}

/** What gradients are multiplied by: 1 where `clip` is 0. */
export function clipScale(norm: number, clip: number): number {
  return clip > 0 ? Math.fround(Math.min(1, clip / (norm + 1e-6))) : 1;
}
