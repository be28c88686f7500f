/**
 * From the uncut wafer to a cluster of chips, one cause of delay at a time.
 *
 *   uncut wafer → cut → link bandwidth → wire latency → software overhead → memory
 *
 * The chips keep their arithmetic and the floors of their kernels throughout; the uncut wafer joins
 * them by a mesh and holds the weights in SRAM. The cut alone costs nothing: that row is the check.
 */
import { gridName, diceGrid } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { closedForm } from './closed-form.ts';
import type { ClosedFormInput } from './closed-form.ts';
import type { Terms } from './channel-cost.ts';
import { walkPlan } from './walk.ts';
import type { WalkOptions } from './walk.ts';

export interface WaterfallRow {
  name: string;
  terms: Terms;
  tokensPerS: number;
  /** Tokens per second over those of the uncut wafer. */
  kept: number;
  /** Tokens per second over those of the row before. */
  factor: number;
}

const NONE: Terms = { bandwidth: false, latency: false, overhead: false, memory: false };

/** The rows after the uncut wafer, each with the terms that are on. */
const STAIRS: readonly { name: string; terms: Terms }[] = [
  { name: 'cut', terms: NONE },
  { name: 'link bandwidth', terms: { ...NONE, bandwidth: true } },
  { name: 'wire latency', terms: { ...NONE, bandwidth: true, latency: true } },
  {
    name: 'software overhead',
    terms: { bandwidth: true, latency: true, overhead: true, memory: false },
  },
  { name: 'memory', terms: { bandwidth: true, latency: true, overhead: true, memory: true } },
];

/** The waterfall of a plan by the walk. Throws: PLAN_OPTION, MACHINE_PARAMETER. */
export function waterfall(
  plan: Plan,
  options: Omit<WalkOptions, 'terms'> & Required<Pick<WalkOptions, 'dice'>>,
): WaterfallRow[] {
  const { grid } = plan.options;
  const { chips } = options.dice;
  const tilesPerChip = options.tilesPerChip ?? plan.tiles.length / (chips.width * chips.height);
  const uncut = walkPlan(plan, {
    ...options,
    dice: diceGrid(grid, '1x1'),
    tilesPerChip,
    terms: NONE,
  });
  return rowsFrom(`uncut wafer ${gridName(grid)}`, uncut.tokensPerS, (terms) => {
    return walkPlan(plan, { ...options, tilesPerChip, terms }).tokensPerS;
  });
}

/** The same waterfall in closed form. Throws: MACHINE_PARAMETER. */
export function closedWaterfall(input: Omit<ClosedFormInput, 'terms'>): WaterfallRow[] {
  const rate = (terms: Terms): number => closedForm({ ...input, terms }).tokensPerS;
  return rowsFrom('uncut wafer', rate(NONE), rate);
}

function rowsFrom(
  name: string,
  uncutPerS: number,
  tokensPerSOf: (terms: Terms) => number,
): WaterfallRow[] {
  const rows: WaterfallRow[] = [{ name, terms: NONE, tokensPerS: uncutPerS, kept: 1, factor: 1 }];
  for (const stair of STAIRS) {
    const tokensPerS = tokensPerSOf(stair.terms);
    const before = rows.at(-1)!.tokensPerS;
    rows.push({ ...stair, tokensPerS, kept: tokensPerS / uncutPerS, factor: tokensPerS / before });
  }
  return rows;
}
