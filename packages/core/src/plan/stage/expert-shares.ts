/**
 * Who owns what of the experts of a stage.
 *
 * Experts are whole on their tile, or every tile has a share of each: rows under the column plan,
 * hidden columns under Megatron. The router is cut by rows, the shared expert as a dense layer.
 */
import { WaferError } from '../../errors.ts';
import type { ExpertSpec } from '../../model/spec.ts';
import { expertsOf } from '../../model/tensors.ts';
import type { PlanOptions } from '../plan.ts';
import { splitEvenly, splitRows } from '../shard.ts';
import type { Range } from '../shard.ts';
import { largestUnit } from './shares.ts';
import type { StageContext } from './shares.ts';

/** Kinds of the matrices of experts, the shared one among them. */
const HIDDEN_KINDS = ['experts.gate', 'experts.up', 'shared.gate', 'shared.up'];
const DOWN_KINDS = ['experts.down', 'shared.down'];

/** Who owns what of a stage's experts, by member of its group. */
export interface ExpertShares {
  /** Rows of the router, [E]. */
  router: Range[];
  /** Experts of which a member has a share. */
  experts: Range[];
  /** Hidden columns of these. */
  hidden: Range[];
  /** Hidden columns of the shared expert. */
  shared: Range[];
  /** Outputs that a member adds up, [D]. */
  model: Range[];
}

/** How the experts of layers are shared out over `parts` tiles; undefined if there are none. */
export function expertShares(
  context: StageContext,
  layers: Range,
  parts: number,
): ExpertShares | undefined {
  const { spec, options } = context;
  if (spec.experts === undefined) return undefined;
  const { expertCount, expertWidth, sharedWidth } = expertsOf(spec);
  const unit = (kinds: readonly string[], field: 'panelRows' | 'blockColumns'): number =>
    largestUnit(context, layers, { kinds, field });
  const all = (count: number): Range[] =>
    Array.from({ length: parts }, () => ({ start: 0, count }));
  const panel = unit(HIDDEN_KINDS, 'panelRows');
  const router = splitRows(expertCount, parts, unit(['router'], 'panelRows'));
  const model = splitRows(spec.modelWidth, parts, unit(DOWN_KINDS, 'panelRows'));
  if (options.tensor === 'megatron') {
    const whole = Math.max(panel, unit(DOWN_KINDS, 'blockColumns'));
    const hidden = splitEvenly(expertWidth, parts, whole);
    // Members without a share of the experts have nothing to add the shared one's part to.
    const taking = hidden.filter(({ count }) => count > 0).length;
    const none = Array.from({ length: parts - taking }, () => ({ start: sharedWidth, count: 0 }));
    const shared = [...splitEvenly(sharedWidth, taking, whole), ...none];
    return { router, experts: all(expertCount), hidden, shared, model: all(spec.modelWidth) };
  }
  const shared = splitRows(sharedWidth, parts, panel);
  if (options.experts === 'whole') {
    const experts = splitEvenly(expertCount, parts);
    return { router, experts, hidden: all(expertWidth), shared, model };
  }
  const hidden = splitRows(expertWidth, parts, panel);
  return { router, experts: all(expertCount), hidden, shared, model };
}

/** Refuses what no tile could run. Throws: PLAN_OPTION. */
export function checkExperts(experts: ExpertSpec, options: PlanOptions): void {
  const { expertCount, chosenCount, router } = experts;
  if (options.tensor === 'megatron' && options.experts === 'whole') {
    const expected = 'rows, as the megatron plan cuts every matrix';
    throw new WaferError('PLAN_OPTION', { option: 'experts', value: options.experts, expected });
  }
  const { count, keptCount } = router.groups ?? { count: 1, keptCount: 1 };
  const allowed = Math.floor(expertCount / count) * keptCount;
  if (expertCount % count !== 0 || keptCount > count || chosenCount > allowed) {
    const value = `${chosenCount} of ${expertCount} in ${keptCount} of ${count} groups`;
    const expected = 'equal groups, and in those that are kept as many experts as are chosen';
    throw new WaferError('PLAN_OPTION', { option: 'router', value, expected });
  }
}
