/**
 * A thread of `wafer project sweep`: projects a chunk of points.
 */
import { projectPoint } from '@wafer/timing';
import type { SweepPoint, SweepRow } from '@wafer/timing';

/** Rows of points, in their order. */
export function projectChunk(points: readonly SweepPoint[]): SweepRow[] {
  return points.map((point) => projectPoint(point));
}
