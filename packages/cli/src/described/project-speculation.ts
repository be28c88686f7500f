/**
 * What speculation would give on projected machines: a multiplier apart, of a check that is told on
 * each machine, of a chance and a price of drafting that are assumed.
 */
import { plural } from '@wafer/core';
import { acceptedTokens, DRAFT_COSTS, speculationRange } from '@wafer/timing';
import type { DraftTerms, Projection, SpeculationRange } from '@wafer/timing';

export interface Drafting extends DraftTerms {
  /** Time of drafting a token over one of the model, least and most. */
  readonly draftCosts: typeof DRAFT_COSTS;
}

/** What is drafted; undefined where nothing is. */
export function speculationOf(
  draftTokens: number | undefined,
  acceptance: number,
): Drafting | undefined {
  if (draftTokens === undefined) return undefined;
  return { draftTokens, acceptance, draftCosts: DRAFT_COSTS };
}

/** Tokens a second over those without speculation, over the range of what drafting takes. */
interface Multiplier extends SpeculationRange {
  readonly machine: string;
}

/** Of the machines that a check is told of. */
export function multipliersOf(found: readonly Projection[], speculation: Drafting): Multiplier[] {
  return found.flatMap((one) => {
    const range = speculationRange(speculation, one);
    return range ? [{ machine: one.machine, ...range }] : [];
  });
}

/** In words. */
export function speculationLines(found: readonly Projection[], speculation: Drafting): string[] {
  const { draftTokens, acceptance } = speculation;
  const kept = acceptedTokens(speculation).toFixed(2);
  const { low, high } = DRAFT_COSTS;
  const told = multipliersOf(found, speculation);
  const names = new Set(told.map(({ machine }) => machine));
  const untold = found.filter(({ machine, time }) => time && !names.has(machine));
  return [
    `Speculation, a multiplier apart: ${draftTokens} drafted, ${acceptance} of each kept ` +
      `(assumed): ${kept} tokens a check of ${plural(draftTokens + 1, 'row')}; a draft token ` +
      `takes ${low} (a head of one layer) to ${high} (a small model) of a token (assumed). ` +
      'Checked nowhere:',
    ...told.map(
      (one) =>
        `  ${one.machine}: a check takes ${one.check.toFixed(2)} times a token: ` +
        `x${one.low.toFixed(1)} to x${one.high.toFixed(1)}`,
    ),
    ...untold.map(({ machine }) => `  ${machine}: a check of several rows is not known`),
  ];
}
