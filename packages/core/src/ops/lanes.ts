/**
 * The order in which long sums are folded: 16 partial sums, then a fixed tree.
 *
 * Element i goes to partial sum i mod 16, in ascending order; the partial sums p are then folded
 * as four groups of four: g[j] = (p[j] + p[j + 4]) + (p[j + 8] + p[j + 12]), and the result is
 * (g[0] + g[1]) + (g[2] + g[3]). It depends on the length alone.
 */
export const LANE_COUNT = 16;

/** Folds the 16 partial sums that start at `offset`. */
export function foldLanes(partials: Float32Array, offset = 0): number {
  const at = (lane: number): number => partials[offset + lane] as number;
  const group = (j: number): number =>
    Math.fround(Math.fround(at(j) + at(j + 4)) + Math.fround(at(j + 8) + at(j + 12)));
  return Math.fround(Math.fround(group(0) + group(1)) + Math.fround(group(2) + group(3)));
}
