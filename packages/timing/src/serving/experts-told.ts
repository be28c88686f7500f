/** What a projection says of the placement it was asked for. */
import { busiestShare, drawnLoads } from '../experts/loads.ts';
import { canRun, placementName } from '../experts/placement.ts';
import type { ExpertsTold, ProjectedWork } from './projection.ts';

/** The placement over `groups`, with `tokens` that meet its experts at once. */
export function expertsTold(
  { shape, experts: asked }: ProjectedWork,
  { groups, tokens }: { groups: number; tokens: number },
): { experts?: ExpertsTold } {
  if (!shape.experts || !asked) return {};
  const { placement, routing } = asked;
  const work = { ...shape.experts, tokens, routing };
  return {
    experts: {
      placement: placementName(placement),
      routing: routing.title,
      groups,
      busiestShare: groups === 1 ? 1 : busiestShare(drawnLoads(work, groups, placement)),
      isComputedOnly: !canRun(placement),
    },
  };
}
