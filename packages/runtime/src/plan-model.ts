/**
 * Plans for the kernels of this package.
 *
 * Where the caller named no size of the KV cache and the default does not fit, it shrinks to what
 * does, one context at least, before the model is refused.
 */
import { fitsSram, KV_BLOCK_TOKENS, kvTokensThatFit, layoutPlan, makePlan } from '@wafer/core';
import type { Plan, PlanInput } from '@wafer/core';
import { attentionScratchBytes, linearScratchBytes, lowRankScratchBytes } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import type { ResolvedOptions } from './options/options.ts';

/** The plan of a model for our kernels. Throws: PLAN_GRID, PLAN_OPTION, PLAN_SRAM. */
export function planFor(input: Omit<PlanInput, 'scratch'>): Plan {
  return makePlan({ ...input, scratch: SCRATCH });
}

const SCRATCH: PlanInput['scratch'] = {
  linearBytes: linearScratchBytes,
  lowRankBytes: lowRankScratchBytes,
  attentionBytes: attentionScratchBytes,
};

/**
 * The plan of an open model with these options.
 * Throws: PLAN_GRID, PLAN_OPTION, PLAN_SRAM.
 */
export function planModel({ spec, source }: Model, options: ResolvedOptions): Plan {
  const input = { spec, tensors: source.tensors, options: options.plan };
  if (!options.isKvDefault) return planFor(input);
  const plan = layoutPlan({ ...input, scratch: SCRATCH });
  if (fitsSram(plan)) return plan;
  const kvTokens = Math.max(options.plan.contextMax, kvTokensThatFit(plan));
  const kvBlockCount = Math.ceil(kvTokens / KV_BLOCK_TOKENS);
  return planFor({ ...input, options: { ...options.plan, kvBlockCount } });
}
