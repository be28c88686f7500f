/**
 * What a wafer runs on, made and checked before anything is loaded: WebAssembly, memories, threads
 * or processes, kernels.
 */
import { WaferError } from '@wafer/core';
import type { Plan, Rounding, WeightType } from '@wafer/core';
import { checkKernels, isRevectorized } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { Fleet } from './fleet/fleet.ts';
import type { FleetListener, WaferFleet } from './fleet/wafer-fleet.ts';
import { hostRefusal } from './threads/host-error.ts';
import { hostLayout } from './host.ts';
import { LINK_TRAITS } from './link-kind.ts';
import type { LinkTraits } from './link-kind.ts';
import type { ResolvedOptions } from './options/options.ts';

const MEMORY_BYTES_MAX = 2 ** 32;

/** `node --jitless` has none. Throws: HOST_REFUSED. */
export function checkWebAssembly(): void {
  if (typeof WebAssembly === 'object') return;
  const reason = 'WebAssembly is switched off';
  throw new WaferError('HOST_REFUSED', {
    what: 'run kernels',
    reason,
    hint: 'start Node without --jitless',
  });
}

type FleetParts = FleetListener & { secret: Uint8Array | undefined };
type Start = (plan: Plan, options: ResolvedOptions, parts: FleetParts) => Promise<WaferFleet>;

/** Ways to start chips. */
const STARTS: Readonly<Record<LinkTraits['chips'], Start>> = {
  threads: async (plan, options, parts) => new Fleet(plan, options, parts),
  processes: async (plan, options, parts) => {
    const { ChipFleet } = await import('./chip/chip-fleet.ts');
    return new ChipFleet(plan, options, parts);
  },
};

/**
 * Threads of this process, or a process for every chip; only those load what they need.
 * Throws: HOST_REFUSED.
 */
export async function createFleet(
  plan: Plan,
  options: ResolvedOptions,
  parts: FleetParts,
): Promise<WaferFleet> {
  try {
    return await STARTS[LINK_TRAITS[options.link].chips](plan, options, parts);
  } catch (error) {
    const bytes = plan.tiles.reduce((sum, { sramBytes }) => sum + sramBytes, 0);
    throw hostRefusal(`have ${bytes + hostLayout(plan).bytes} bytes of memory`, error);
  }
}

/** Kernels that were checked in this process, by what makes them others. */
const checked = new Set<string>();

/** Checks the kernels of a model that were not checked before. Throws: KERNEL_MISMATCH. */
export function checkKernelsOnce(rounding: Rounding, model: Model): void {
  const keyOf = (type: WeightType): string => `${rounding} ${isRevectorized()} ${type}`;
  const types = new Set(Object.values(model.source.tensors).map(({ type }) => type));
  const unchecked = [...types].filter((type) => !checked.has(keyOf(type)));
  if (unchecked.length === 0) return;
  checkKernels(rounding, unchecked);
  for (const type of unchecked) checked.add(keyOf(type));
}

/** Logits of a whole step lie in one memory. Throws: PLAN_OPTION. */
export function checkHostMemory(plan: Plan): void {
  if (hostLayout(plan).bytes <= MEMORY_BYTES_MAX) return;
  const { vocabCount } = plan.spec;
  const expected = `so few that ${vocabCount} logits for each fit ${MEMORY_BYTES_MAX} bytes`;
  const value = plan.options.rowsMax;
  throw new WaferError('PLAN_OPTION', { option: 'tokensPerStep', value, expected });
}
