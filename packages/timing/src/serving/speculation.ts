/**
 * What speculation would give, as a multiplier apart from the hardware's speed.
 *
 *   tokens of a check   1 + a + a^2 .. a^k        k drafted, each kept with chance a
 *   its time            a step of k + 1 rows of each sequence on this machine + k draft tokens
 *
 * A GPU reads weights once for all rows, but more experts, and multiplies for all; on a wafer rows
 * follow each other through the regions. What a draft token takes is assumed.
 */
import type { Projection } from './projection.ts';

export interface DraftTerms {
  /** Tokens that are drafted before each check. */
  readonly draftTokens: number;
  /** Chance that a drafted token is kept, each. */
  readonly acceptance: number;
}

/** Time of drafting a token over one of the model: a head of one layer, or a model of a fifth. */
export const DRAFT_COSTS = { low: 0.02, high: 0.2 } as const;

/** Tokens that one check gives: what is kept of the draft, and one more. */
export function acceptedTokens({ draftTokens, acceptance }: DraftTerms): number {
  if (acceptance >= 1) return draftTokens + 1;
  return (1 - acceptance ** (draftTokens + 1)) / (1 - acceptance);
}

/** A multiplier over the range of what drafting takes, and a check's time over a token's. */
export interface SpeculationRange {
  readonly low: number;
  readonly high: number;
  readonly check: number;
}

/** What speculation multiplies a machine's speed by; undefined where no check was projected. */
export function speculationRange(
  speculation: DraftTerms,
  { time }: Projection,
): SpeculationRange | undefined {
  if (time?.check === undefined) return undefined;
  const check = time.check.stepUs / time.tokenUs;
  const at = (draftCost: number): number =>
    acceptedTokens(speculation) / (check + speculation.draftTokens * draftCost);
  return { low: at(DRAFT_COSTS.high), high: at(DRAFT_COSTS.low), check };
}
