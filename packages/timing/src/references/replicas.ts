/**
 * Machines as replicas: GPUs that do not share a model but each have it, and a part of the batch.
 */
import { gpuCount } from '../serving/project-bare.ts';
import type { ProjectedWork, Projection } from '../serving/projection.ts';
import { project } from './error-bars.ts';

/** The replicas of a machine that give the most tokens of all; wafers are one. */
export function replicated(
  work: ProjectedWork,
  name: string,
): { projection: Projection; replicas: number } {
  const whole = { projection: project(work, name), replicas: 1 };
  const gpus = gpuCount(name);
  if (gpus === undefined) return whole;
  const counts = Array.from({ length: gpus.count - 1 }, (_, i) => i + 2);
  const cut = counts
    .filter((replicas) => gpus.count % replicas === 0 && replicas <= work.batch)
    .map((replicas) => {
      const batch = Math.ceil(work.batch / replicas);
      const one = `${gpus.chip}x${gpus.count / replicas}`;
      return { projection: project({ ...work, batch }, one), replicas };
    });
  const tokens = ({ projection, replicas }: typeof whole): number =>
    replicas * (projection.time?.throughputTokensPerS ?? 0);
  return cut.reduce((best, one) => (tokens(one) > tokens(best) ? one : best), whole);
}
