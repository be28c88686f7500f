/**
 * What a placement of experts takes on the GPUs of a stage: matrices of the busiest group, and what
 * a placement exchanges beside the all-reduce after attention.
 *
 * Attention that is cut over all GPUs leaves its rows on all of them, so experts that lie whole on
 * some need no dispatch: parts are summed by the same all-reduce. Experts apart from attention take
 * rows over a link and give sums back: two messages and an all-reduce of their own.
 */
import { isRefusal } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { busiest, drawnLoads } from '../experts/loads.ts';
import type { GroupLoad } from '../experts/loads.ts';
import { isEven } from '../experts/routing.ts';
import { EXPERT_ROWS, gpuGroups } from '../experts/placement.ts';
import type { ExpertPlacement } from '../experts/placement.ts';
import { evenLoad, expertMatrices } from './decode-matrices.ts';
import { HALF_BYTES, nodeGpus, reduceParts, sendPart } from './gpu-links.ts';
import type { GpuGroup, ReduceOf } from './gpu-links.ts';
import { addMatrices, matrixParts, NO_MATRICES, sumOfMatrices } from './gpu-matrix-parts.ts';
import type { MatrixParts } from './gpu-matrix-parts.ts';
import type { ProjectedWork } from './projection.ts';

/** Microseconds of all layers with experts, and where attention lies. */
export interface GpuExperts {
  readonly attentionGpus: number;
  readonly groups: number;
  readonly matrices: MatrixParts;
  readonly wireUs: number;
  readonly linkUs: number;
  /** All-reduces after experts that the placement does without. */
  readonly replacedReduces: number;
}

/** The experts of a step on a stage's GPUs. */
export function gpuExperts(
  work: ProjectedWork,
  group: GpuGroup,
  of: ReduceOf,
): GpuExperts | Refusal {
  const { shape, batch, experts: asked } = work;
  const { experts } = shape;
  const none = { matrices: NO_MATRICES, wireUs: 0, linkUs: 0, replacedReduces: 0 };
  if (!experts) return { attentionGpus: group.gpus, groups: 1, ...none };
  const placement = asked?.placement ?? EXPERT_ROWS;
  const lie = gpuGroups(placement, group.gpus, experts.count);
  if (isRefusal(lie)) return lie;
  const { attentionGpus, groups, cut } = lie;
  const isSpread = groups === 1 && (asked === undefined || isEven(asked.routing));
  const steps =
    isSpread || asked === undefined
      ? [[evenLoad(experts, batch)]]
      : drawnLoads({ ...experts, tokens: batch, routing: asked.routing }, groups, placement);
  const matrices = meanOfBusiest(work, group, { cut, steps });
  if (isRefusal(matrices)) return matrices;
  const exchange = isApart(placement)
    ? exchangeParts(work, group, { attentionGpus, expertGpus: groups * cut, of })
    : { wireUs: 0, linkUs: 0, replacedReduces: 0 };
  return isRefusal(exchange) ? exchange : { attentionGpus, groups, matrices, ...exchange };
}

function isApart({ attentionPercent }: ExpertPlacement): boolean {
  return attentionPercent > 0;
}

function meanOfBusiest(
  work: ProjectedWork,
  { gpu }: GpuGroup,
  { cut, steps }: { cut: number; steps: readonly (readonly GroupLoad[])[] },
): MatrixParts | Refusal {
  const known = new Map<string, MatrixParts | Refusal>();
  const { shape, batch } = work;
  const partsOf = (load: GroupLoad): MatrixParts | Refusal => {
    const key = `${load.hits} ${load.rows}`;
    const found = known.get(key);
    if (found) return found;
    const parts = matrixParts(work, gpu, expertMatrices(shape, { cut, batch, load }));
    known.set(key, parts);
    return parts;
  };
  const costOf = (load: GroupLoad): number => {
    const parts = partsOf(load);
    return isRefusal(parts) ? 0 : sumOfMatrices(parts);
  };
  let sum = NO_MATRICES;
  for (const groups of steps) {
    const parts = partsOf(busiest(groups, costOf));
    if (isRefusal(parts)) return parts;
    sum = addMatrices(sum, parts, 1 / steps.length);
  }
  return sum;
}

/** Rows to the experts and their sums back; each side feeds the other evenly. */
function exchangeParts(
  { shape, batch }: ProjectedWork,
  { gpu, gpus }: GpuGroup,
  use: { attentionGpus: number; expertGpus: number; of: ReduceOf },
): Pick<GpuExperts, 'wireUs' | 'linkUs' | 'replacedReduces'> | Refusal {
  const bytes = batch * shape.hidden * HALF_BYTES;
  const { attentionGpus, expertGpus, of } = use;
  const layers = shape.experts?.layers ?? 0;
  const nodes = gpus > nodeGpus(gpu) ? 2 : 1;
  const out = sendPart(gpu, nodes, bytes * Math.max(1, expertGpus / attentionGpus));
  const back = sendPart(gpu, nodes, bytes * Math.max(1, attentionGpus / expertGpus));
  const sum = reduceParts({ gpu, gpus: expertGpus }, of, bytes);
  if (isRefusal(out)) return out;
  if (isRefusal(back)) return back;
  if (isRefusal(sum)) return sum;
  return {
    wireUs: layers * (out.wireUs + back.wireUs + sum.wireUs),
    linkUs: layers * (out.softwareUs + back.softwareUs + sum.softwareUs),
    replacedReduces: layers,
  };
}
