/**
 * A decode layer whose experts lie in parts of its region, instead of as shares on all of it.
 *
 *   region P x P     attention, norms: as ever; or on a part of it alone (apart)
 *   group p x p      whole experts; the busiest group's are done one after the other
 *
 * Reduces of gate, up and down span a group only, so they pass fewer PEs; in return rows go out to
 * the groups and sums come back over the whole region: two more collectives. Software of a
 * collective, hops and multiply-adds cost what they do everywhere on the wafer.
 */
import { assert } from '@wafer/core';
import { busiest, drawnLoads } from '../experts/loads.ts';
import type { ExpertPlacement } from '../experts/placement.ts';
import type { ExpertRouting } from '../experts/routing.ts';
import { attentionMacs, DECODE_ALL_REDUCES, ffnMacs } from './mesh-layer.ts';
import { weightCounts, widthsOf } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';

/** A placement, and how many experts of a token the busiest group has. */
export interface WaferExperts {
  readonly groups: number;
  readonly isApart: boolean;
  readonly busiest: number;
}

/** All-reduces of gate with up, and of down: those that a group has to itself. */
const GROUP_ALL_REDUCES = 2;
/** Out to the groups and back. */
const EXCHANGES = 2;

/** Groups of PEs of a placement: as many as experts where they are whole. */
export function waferGroups({ groups }: ExpertPlacement, count: number): number {
  return groups === 'whole' ? count : Math.min(groups, count);
}

/** What a placement comes to for one token in a region; undefined for shares on all of it. */
export function waferExperts(
  { experts }: ModelShape,
  asked: { readonly placement: ExpertPlacement; readonly routing: ExpertRouting } | undefined,
): WaferExperts | undefined {
  if (!experts || !asked) return undefined;
  const { placement, routing } = asked;
  const groups = waferGroups(placement, experts.count);
  const isApart = placement.attentionPercent > 0;
  if (groups === 1 && !isApart) return undefined;
  const loads = drawnLoads({ ...experts, tokens: 1, routing }, groups, placement);
  const most = loads.map((step) => busiest(step, ({ hits }) => hits).hits);
  const mean = most.reduce((sum, hits) => sum + hits, 0) / most.length;
  return { groups, isApart, busiest: mean };
}

/** Multiply-adds of a PE, collectives, and PEs that their messages pass in all. */
export function placedLayer(
  shape: ModelShape,
  use: { contextTokens: number; side: number; experts: WaferExperts },
): { macs: number; collectives: number; passed: number } {
  const { contextTokens, side, experts: placed } = use;
  const { experts } = shape;
  assert(experts !== undefined, 'a placement is of a model with experts', { name: shape.name });
  const part = placed.isApart ? expertShare(shape) : 1;
  // Rectangles as near to squares as their areas let them be: sides need not be whole.
  const attentionSide = Math.max(1, side * Math.sqrt(placed.isApart ? 1 - part : 1));
  const groupSide = Math.max(1, side * Math.sqrt(part / placed.groups));
  const widths = widthsOf(shape, 'experts');
  const own = ffnMacs({ hidden: shape.hidden, ffn: experts.ffn }, groupSide);
  const shared = ffnMacs({ hidden: shape.hidden, ffn: experts.sharedFfn }, attentionSide);
  return {
    macs: attentionMacs(widths, contextTokens, attentionSide) + shared + placed.busiest * own,
    collectives: DECODE_ALL_REDUCES + EXCHANGES,
    passed:
      (DECODE_ALL_REDUCES - GROUP_ALL_REDUCES) * attentionSide +
      GROUP_ALL_REDUCES * groupSide +
      EXCHANGES * side,
  };
}

/** Of a layer's weights, those of routed experts: the part of a region that holds them apart. */
function expertShare(shape: ModelShape): number {
  const { attention, ffn, experts } = weightCounts(shape, 'all');
  const { bits } = shape;
  const routed = experts * bits.experts;
  return routed / (routed + attention * bits.attention + ffn * bits.ffn);
}
