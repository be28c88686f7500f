/**
 * What each group of tiles meets of a step: a step waits for its busiest one.
 *
 * Steps are drawn, as many as give some thousand tokens; the same steps for every placement, so
 * that placements differ by where experts lie and by nothing else.
 */
import { assignExperts } from './placement.ts';
import type { ExpertPlacement } from './placement.ts';
import { drawSteps } from './routing.ts';
import type { ExpertRouting } from './routing.ts';

/** Of one group in one step: experts that any token chose, and rows of all of them. */
export interface GroupLoad {
  readonly hits: number;
  readonly rows: number;
}

/** What is asked of a layer's experts. */
export interface ExpertWork {
  readonly count: number;
  readonly chosen: number;
  readonly tokens: number;
  readonly routing: ExpertRouting;
}

const TOKENS_DRAWN = 4096;
const STEPS_LEAST = 4;
const STEPS_MOST = 512;
const SEED = 20_240_613;

const drawn = new WeakMap<ExpertRouting, Map<string, Uint32Array[][]>>();

/** Steps by layer, drawn once for a routing. */
function stepsOf({ chosen, tokens, routing }: ExpertWork): Uint32Array[][] {
  const known = drawn.get(routing) ?? new Map<string, Uint32Array[][]>();
  drawn.set(routing, known);
  const key = `${chosen} ${tokens}`;
  const found = known.get(key);
  if (found) return found;
  const wanted = Math.ceil(TOKENS_DRAWN / tokens / routing.layers.length);
  const steps = Math.min(STEPS_MOST, Math.max(STEPS_LEAST, wanted));
  const layers = routing.layers.map((shares, layer) =>
    drawSteps(shares, { chosen, tokens, steps, seed: SEED + layer }),
  );
  known.set(key, layers);
  return layers;
}

/** Loads of all groups in each drawn step, layers one after the other. */
export function drawnLoads(
  work: ExpertWork,
  groups: number,
  placement: ExpertPlacement,
): GroupLoad[][] {
  return stepsOf(work).flatMap((steps, layer) => {
    const own = assignExperts(work.routing.layers[layer]!, groups, placement);
    return steps.map((rows) => loadsOf(rows, own, groups));
  });
}

function loadsOf(rows: Uint32Array, own: readonly number[][], groups: number): GroupLoad[] {
  const loads = Array.from({ length: groups }, () => ({ hits: 0, rows: 0 }));
  own.forEach(([group, ...more], e) => {
    if (rows[e] === 0 || more.length > 0) return;
    loads[group!]!.hits += 1;
    loads[group!]!.rows += rows[e]!;
  });
  own.forEach((copies, e) => {
    if (copies.length === 1) return;
    const met = new Set<number>();
    for (let row = 0; row < rows[e]!; row++) {
      const least = copies.reduce((a, b) => (loads[b]!.rows < loads[a]!.rows ? b : a));
      loads[least]!.rows += 1;
      met.add(least);
    }
    for (const group of met) loads[group]!.hits += 1;
  });
  return loads;
}

/** Rows of the busiest group over an even share, mean of the drawn steps. */
export function busiestShare(loads: readonly (readonly GroupLoad[])[]): number {
  const shares = loads.map((groups) => {
    const all = groups.reduce((sum, { rows }) => sum + rows, 0);
    return (busiest(groups, ({ rows }) => rows).rows * groups.length) / all;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The group that takes longest. */
export function busiest(
  groups: readonly GroupLoad[],
  cost: (load: GroupLoad) => number,
): GroupLoad {
  let [best] = groups as [GroupLoad, ...GroupLoad[]];
  for (const group of groups) if (cost(group) > cost(best)) best = group;
  return best;
}
