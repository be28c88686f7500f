/**
 * Plans a model onto a grid, without starting a thread.
 *
 * Where the caller named no size of the KV cache and the default does not fit, it shrinks to what
 * does, one context at least, before the model is refused.
 */
import { fitsSram, kvTokensThatFit, layoutPlan, makePlan } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { attentionScratchBytes, linearScratchBytes } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { KV_BLOCK_POSITIONS } from './options.ts';
import type { ResolvedOptions } from './options.ts';

/** The plan of a model under resolved options. Throws: PLAN_GRID, PLAN_OPTION, PLAN_SRAM. */
export function planModel(model: Model, options: ResolvedOptions): Plan {
  const { spec, source } = model;
  const scratch = { linearBytes: linearScratchBytes, attentionBytes: attentionScratchBytes };
  const input = { spec, tensors: source.tensors, options: options.plan, scratch };
  if (!options.isKvDefault) return makePlan(input);
  const plan = layoutPlan(input);
  if (fitsSram(plan)) return plan;
  const kvTokens = Math.max(options.plan.contextMax, kvTokensThatFit(plan));
  const kvBlockCount = Math.ceil(kvTokens / KV_BLOCK_POSITIONS);
  return makePlan({ ...input, options: { ...options.plan, kvBlockCount } });
}
