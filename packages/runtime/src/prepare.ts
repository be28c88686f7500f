/**
 * What a run stands on, decided and proved before any thread exists: for starts, plans, benches
 * and chips alike.
 */
import { checkPlan } from '@wafer/core';
import type { Dice, Plan, Rounding } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { openModel, requantize } from '@wafer/models';
import type { Model } from '@wafer/models';
import { checkOptions } from './check-options.ts';
import { checkHostMemory } from './create-fleet.ts';
import { hearSignal } from './threads/hear-signal.ts';
import { resolveOptions } from './options/options.ts';
import type { ResolvedOptions, WaferOptions } from './options/options.ts';
import { planModel } from './plan-model.ts';
import { pickExperts } from './pick-experts.ts';
import { checkVirtual } from './virtual/virtual-options.ts';

/** A model, where it lies, how the grid is cut, and how it computes; frozen. */
export interface Prepared {
  readonly model: Model;
  readonly options: ResolvedOptions;
  readonly plan: Plan;
  readonly dice: Dice;
  readonly threads: number;
  readonly rounding: Rounding;
}

/**
 * Opens and plans what a wafer is started with.
 * Throws: coded errors of the model's files, PLAN_GRID, PLAN_SRAM, PLAN_OPTION; the reason of a
 * signal that was aborted.
 */
export async function prepare(options: WaferOptions): Promise<Prepared> {
  checkOptions(options);
  const { model: named, modelsFolder, dtype, signal } = options;
  await hearSignal(signal);
  const opened = typeof named === 'string' ? await openModel(named, { modelsFolder }) : named;
  await hearSignal(signal);
  const model = dtype === undefined ? opened : requantize(opened, dtype);
  const prepared = prepareModel(model, await withPlacement(model, options));
  await checkVirtual(prepared.plan, prepared.options.virtual);
  return prepared;
}

/** With experts placed, where a clock is to place them. */
async function withPlacement(model: Model, options: WaferOptions): Promise<WaferOptions> {
  if (options.experts !== 'auto') return options;
  const { experts, why } = await pickExperts(model, options);
  options.logger?.info({ model: model.name, experts, why }, 'placed');
  return { ...options, experts };
}

/** Plans a model that is open. Throws: PLAN_GRID, PLAN_SRAM, PLAN_OPTION. */
export function prepareModel(model: Model, given: Omit<WaferOptions, 'model'>): Prepared {
  const options = resolveOptions({ ...given, model }, model);
  const plan = planModel(model, options);
  checkPlan(plan);
  checkHostMemory(plan);
  const { dice, threadCount: threads } = options;
  const rounding = given.rounding ?? detectRounding();
  return Object.freeze({ model, options, plan, dice, threads, rounding });
}
