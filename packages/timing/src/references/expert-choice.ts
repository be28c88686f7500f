/**
 * Which placement of experts this clock would take: every one that fits, by the time of a token.
 *
 * Of equal times the one that tiles of this project can run is taken. The reason is the cause that
 * tells the two best apart the most.
 */
import { assert } from '@wafer/core';
import { canRun, placementName, placementsFor } from '../experts/placement.ts';
import type { ExpertPlacement } from '../experts/placement.ts';
import { isEven } from '../experts/routing.ts';
import type { ExpertRouting } from '../experts/routing.ts';
import { projectBare } from '../serving/project-bare.ts';
import { CAUSES } from '../serving/projection.ts';
import type { BareProjection, BareTime, ProjectedWork, Projection } from '../serving/projection.ts';
import { project } from './error-bars.ts';

/** A placement that was tried. */
export interface TriedPlacement {
  readonly placement: string;
  readonly isComputedOnly: boolean;
  readonly chips: number;
  readonly tokenUs?: number;
  readonly busiestShare?: number;
  readonly refused?: string;
}

export interface ExpertChoice {
  readonly placement: ExpertPlacement;
  readonly why: string;
  /** Fastest first, refused ones last. */
  readonly tried: readonly TriedPlacement[];
}

type Timed = BareProjection & { readonly time: BareTime };

/** Times that differ by less are one: draws of steps. */
const NEAR = 1e-9;

/** The best placement of a model with experts on a machine. Throws: PLAN_OPTION. */
export function chooseExperts(
  work: ProjectedWork,
  machine: string,
  routing: ExpertRouting,
): { projection: Projection; choice: ExpertChoice } {
  assert(work.shape.experts !== undefined, 'placements are of experts', { name: work.shape.name });
  const placements = placementsFor({ isSkewed: !isEven(routing) });
  const all = placements.map((placement) => ({
    placement,
    found: projectBare({ ...work, experts: { placement, routing } }, machine),
  }));
  const timed = all
    .filter((one): one is Choice => one.found.time !== undefined)
    .filter((one, place, list) => list.findIndex((other) => isSame(one, other)) === place)
    .toSorted((a, b) => orderOf(a, b));
  const [best, ...others] = timed;
  const placement = best?.placement ?? placements[0]!;
  const projection = project({ ...work, experts: { placement, routing } }, machine);
  const refused = all.filter(({ found }) => found.time === undefined);
  const tried = [...timed, ...refused].map((one) => triedOf(one));
  return { projection, choice: { placement, why: whyOf(best, others), tried } };
}

type Choice = { readonly placement: ExpertPlacement; readonly found: Timed };

/** Names that come to the same on a machine: as many groups, as many copies, as long a token. */
function isSame(a: Choice, b: Choice): boolean {
  const { tokenUs, experts } = a.found.time;
  return (
    b.found.time.tokenUs === tokenUs &&
    b.found.time.experts?.groups === experts?.groups &&
    b.placement.copies === a.placement.copies
  );
}

function orderOf(a: Choice, b: Choice): number {
  const difference = a.found.time.tokenUs - b.found.time.tokenUs;
  const isNear = Math.abs(difference) <= NEAR * a.found.time.tokenUs;
  return isNear ? Number(canRun(b.placement)) - Number(canRun(a.placement)) : difference;
}

function triedOf({
  placement,
  found,
}: {
  placement: ExpertPlacement;
  found: BareProjection;
}): TriedPlacement {
  const { time, residency } = found;
  return {
    placement: placementName(placement),
    isComputedOnly: !canRun(placement),
    chips: residency.chips,
    ...(time
      ? { tokenUs: time.tokenUs, busiestShare: time.experts?.busiestShare ?? 1 }
      : { refused: residency.reason ?? 'does not fit' }),
  };
}

/** The cause that most tells the best from the next one that differs. */
function whyOf(best: Choice | undefined, others: readonly Choice[]): string {
  if (!best) return 'none fits';
  const { time } = best.found;
  const next = others.find(({ found }) => found.time.tokenUs > time.tokenUs * (1 + NEAR));
  if (!next) return 'all that fit take the same time';
  const gains = CAUSES.map((cause) => ({
    cause,
    us: next.found.time.causes[cause] - time.causes[cause],
  }));
  const [gain] = gains.toSorted((a, b) => b.us - a.us);
  const name = placementName(next.placement);
  const busy = next.found.time.experts?.busiestShare ?? 1;
  const waits = busy > 1.005 ? `; its busiest group has ${busy.toFixed(2)} of an even share` : '';
  return (
    `${placementName(best.placement)} takes ${time.tokenUs.toFixed(1)} us a token, ` +
    `${name} ${next.found.time.tokenUs.toFixed(1)}, most of it ${gain!.cause} ` +
    `(+${gain!.us.toFixed(1)} us)${waits}`
  );
}
