/**
 * Which placement of experts a described machine would take: each is planned and walked for one
 * token, and the faster is it. Routing is even on that clock, so that whole experts, whose busiest
 * tile makes a real step wait, look as good as they can.
 */
import { EXPERT_PLAN, WaferError } from '@wafer/core';
import type { ExpertPlan } from '@wafer/core';
import type { Model } from '@wafer/models';
import type { Walk } from '@wafer/timing';
import { resolveOptions } from './options/options.ts';
import type { WaferOptions } from './options/options.ts';
import { planModel } from './plan-model.ts';

/** A placement, and why. */
export interface ExpertPick {
  readonly experts: ExpertPlan;
  readonly why: string;
}

const PLANS: readonly ExpertPlan[] = ['whole', 'rows'];

/**
 * Picks where experts lie, by the clock of `virtual`; a model without experts has nothing to pick.
 * Throws: PLAN_OPTION without such a clock; where neither fits, what keeps the first from it.
 */
export async function pickExperts(
  model: Model,
  options: Partial<WaferOptions>,
): Promise<ExpertPick> {
  if (model.spec.experts === undefined) return { experts: EXPERT_PLAN, why: 'it has no experts' };
  if (options.virtual === undefined) {
    const expected = 'whole or rows; auto goes by the clock of a described machine (virtual, --as)';
    throw new WaferError('PLAN_OPTION', { option: 'experts', value: 'auto', expected });
  }
  const { decodeStep, walkPlan } = await import('@wafer/timing');
  const walked: { experts: ExpertPlan; walk: Walk }[] = [];
  const refused: unknown[] = [];
  for (const experts of PLANS) {
    try {
      const resolved = resolveOptions({ ...options, experts, model }, model);
      const plan = planModel(model, resolved);
      const step = decodeStep({ batch: 1, contextTokens: 0 });
      walked.push({ experts, walk: walkPlan(plan, { ...resolved.virtual!.clock, step }) });
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      refused.push(error);
    }
  }
  const [best, next] = walked.toSorted((a, b) => a.walk.stepNs - b.walk.stepNs);
  if (best === undefined) throw refused[0];
  if (next === undefined) return { experts: best.experts, why: 'the other does not fit' };
  return { experts: best.experts, why: whyOf(best, next) };
}

type Walked = { readonly experts: ExpertPlan; readonly walk: Walk };

function whyOf(best: Walked, next: Walked): string {
  const us = (ns: number): string => `${(ns / 1000).toFixed(1)} us`;
  const [ours, theirs] = [best.walk.critical, next.walk.critical];
  const parts = Object.keys(ours) as (keyof Walk['critical'])[];
  const more = (part: keyof Walk['critical']): number => theirs[part] - ours[part];
  const most = parts.reduce((a, b) => (more(b) > more(a) ? b : a));
  const other = `with ${next.experts} ${us(next.walk.stepNs)}`;
  const told = `a token takes ${us(best.walk.stepNs)}, ${other}`;
  return more(most) > 0 ? `${told}, most of it ${most} (+${us(more(most))})` : told;
}
