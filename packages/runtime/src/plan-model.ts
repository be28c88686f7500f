/**
 * Plans a model onto a grid, without starting a thread.
 *
 * Where the caller named no size of the KV cache and the default does not fit, it shrinks to one
 * context before the model is refused.
 */
import { makePlan, WaferError } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { attentionScratchBytes, linearScratchBytes } from '@wafer/kernels';
import type { Model } from './load/source.ts';
import { KV_BLOCK_POSITIONS } from './options.ts';
import type { ResolvedOptions } from './options.ts';

/** The plan of a model under resolved options. Throws: PLAN_GRID, PLAN_OPTION, PLAN_SRAM. */
export function planModel(model: Model, options: ResolvedOptions): Plan {
  const { spec, source } = model;
  const scratch = { linearBytes: linearScratchBytes, attentionBytes: attentionScratchBytes };
  const input = { spec, tensors: source.tensors, options: options.plan, scratch };
  try {
    return makePlan(input);
  } catch (error) {
    const isTooLarge = error instanceof WaferError && error.code === 'PLAN_SRAM';
    if (!isTooLarge || !options.isKvDefault) throw error;
    const kvBlockCount = Math.ceil(options.plan.contextMax / KV_BLOCK_POSITIONS);
    return makePlan({ ...input, options: { ...options.plan, kvBlockCount } });
  }
}
