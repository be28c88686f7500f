/**
 * How many experts a config has and how many are chosen, in either format.
 */
import type { ExpertSpec, ModelSpec, RouterSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';

/** What a format calls the counts. */
export interface ExpertFieldNames {
  count: string;
  chosen: string;
  groups?: string;
  keptGroups?: string;
}

export interface ExpertCounts {
  expertCount: number;
  chosenCount: number;
  groups: RouterSpec['groups'];
}

/** Softmax over all experts, then the chosen weights divided by their sum: Mixtral's router. */
export const SOFTMAX_ROUTER: RouterSpec = {
  score: 'softmax',
  hasBias: false,
  hasSelectionBias: false,
  groups: undefined,
  weights: 'normalized',
  scale: 1,
};

/** Experts in every layer, in place of dense ones, as Mixtral has them. */
export function mixtralExperts(
  expertCount: number,
  chosenCount: number,
  expertWidth: number,
): Pick<ModelSpec, 'family' | 'layers'> & { experts: ExpertSpec } {
  return {
    family: 'mixtral',
    layers: { leading: [], repeating: [{ sees: 'all', isRotated: true, ffn: 'experts' }] },
    experts: {
      ...{ expertCount, chosenCount, expertWidth, sharedWidth: 0 },
      router: SOFTMAX_ROUTER,
      weighsInput: false,
      hasBias: false,
    },
  };
}

/** Reads counts that fit together. Throws: CONFIG_INVALID. */
export function readExpertCounts(
  fields: Fields,
  names: ExpertFieldNames,
  layerCount: number,
  defaults: { count?: number; chosen?: number } = {},
): ExpertCounts {
  const rule = (fallback?: number): { min: number; max: number; fallback?: number } => ({
    min: 1,
    max: SPEC_LIMITS.expertCount,
    ...(fallback === undefined ? {} : { fallback }),
  });
  const expertCount = fields.integer(names.count, rule(defaults.count));
  if (expertCount * layerCount > SPEC_LIMITS.expertsInAll) {
    const most = SPEC_LIMITS.expertsInAll;
    throw fields.invalid(names.count, `at most ${most} in all ${layerCount} layers`);
  }
  const chosenCount = fields.integer(names.chosen, rule(defaults.chosen));
  if (chosenCount > expertCount) {
    throw fields.invalid(names.chosen, `at most ${names.count} = ${expertCount}`);
  }
  return { expertCount, chosenCount, groups: readGroups(fields, names, expertCount, chosenCount) };
}

function readGroups(
  fields: Fields,
  names: ExpertFieldNames,
  expertCount: number,
  chosenCount: number,
): RouterSpec['groups'] {
  if (names.groups === undefined || names.keptGroups === undefined) return undefined;
  const rule = { min: 1, max: SPEC_LIMITS.expertCount, fallback: 1 };
  const count = fields.integer(names.groups, rule);
  const keptCount = fields.integer(names.keptGroups, rule);
  if (expertCount % count !== 0) {
    throw fields.invalid(names.groups, `a divisor of ${names.count} = ${expertCount}`);
  }
  if (keptCount > count) {
    throw fields.invalid(names.keptGroups, `at most ${names.groups} = ${count}`);
  }
  const groupSize = expertCount / count;
  if (chosenCount > keptCount * groupSize) {
    const most = `${keptCount} groups of ${groupSize}`;
    throw fields.invalid(names.chosen, `at most the experts of ${most}`);
  }
  if (count === 1 || keptCount === count) return undefined;
  // A group is judged by its two best experts.
  if (groupSize < 2) throw fields.invalid(names.groups, `groups of at least 2 experts`);
  return { count, keptCount };
}

const BALANCE_LOSS = 'router_aux_loss_coef';
/** Without it transformers' training has no balance loss, whatever its coefficient. */
const IS_BALANCED = 'output_router_logits';

/** What the balance of experts counts in training, if a config says so. Throws: CONFIG_INVALID. */
export function readBalanceLoss(fields: Fields): Pick<ExpertSpec, 'balanceLoss'> {
  if (!fields.boolean(IS_BALANCED, false) || !fields.has(BALANCE_LOSS)) return {};
  return { balanceLoss: fields.number(BALANCE_LOSS, { min: 0, max: 1e6 }) };
}

/** The same as fields of a config. */
export function balanceField({ balanceLoss }: ExpertSpec): Record<string, number | boolean> {
  if (balanceLoss === undefined) return {};
  return { [IS_BALANCED]: true, [BALANCE_LOSS]: balanceLoss };
}
