/**
 * Between measured points: straight lines, or straight lines of logarithms.
 *
 * Straight lines hold where time is a start plus a rate, as bytes through a link are; logarithms
 * where it grows by factors. Beyond the ends the last line goes on, unless it is held.
 */
import { assert } from '@wafer/core';

export type Point = readonly [x: number, y: number];

/** y at x along straight lines through sorted points. */
export function interpolate(points: readonly Point[], x: number): number {
  const [[x0, y0], [x1, y1]] = around(points, x);
  return x1 === x0 ? y0 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** y at x along straight lines of logarithms; x and y above 0. */
export function interpolateLog(points: readonly Point[], x: number): number {
  const logs = points.map(([a, b]): Point => [Math.log(a), Math.log(b)]);
  return Math.exp(interpolate(logs, Math.log(x)));
}

/** The two points whose line is used at x. */
function around(points: readonly Point[], x: number): [Point, Point] {
  assert(points.length > 0, 'a line goes through a point at least');
  const after = points.findIndex(([at]) => at >= x);
  const last = points.length - 1;
  const high = after === -1 ? last : Math.max(after, Math.min(1, last));
  return [points[Math.max(high - 1, 0)]!, points[high]!];
}

/** Points with one more in front: below the first, y stays as it is. */
export function heldBelow(points: readonly Point[]): readonly Point[] {
  const first = points[0];
  return first === undefined || first[0] <= 0 ? points : [[0, first[1]], ...points];
}
