/**
 * Tokens per second kept over a range of wires: which latency and bandwidth stop mattering.
 *
 * Kept is against the same chips with the same memory and links that cost nothing, so that a cell
 * shows the interconnect alone. Software of the link stays what it is. The bottleneck of a cell is
 * what most of the longest chain of events is spent on.
 */
import { rewireLink } from '@wafer/core';
import type { LinkSpec, Plan } from '@wafer/core';
import { ALL_TERMS } from './channel-cost.ts';
import { walkPlan } from './walk.ts';
import type { Part, WalkOptions } from './walk.ts';

export interface SweepCell {
  latencyNs: number;
  bandwidthBytesPerS: number;
  tokensPerS: number;
  kept: number;
  bottleneck: Part;
}

export interface Sweep {
  clock: 'simulated';
  /** With links that cost nothing. */
  idealTokensPerS: number;
  /** By latency, then by bandwidth. */
  cells: SweepCell[];
}

/** Walks a plan over every pair of latency and bandwidth. Throws: PLAN_OPTION. */
export function sweepLinks(
  plan: Plan,
  options: WalkOptions & { link: LinkSpec },
  wires: { latenciesNs: readonly number[]; bandwidthsBytesPerS: readonly number[] },
): Sweep {
  const terms = { ...ALL_TERMS, bandwidth: false, latency: false, overhead: false };
  const idealTokensPerS = walkPlan(plan, { ...options, terms }).tokensPerS;
  const cells = wires.latenciesNs.flatMap((latencyNs) =>
    wires.bandwidthsBytesPerS.map((bandwidthBytesPerS): SweepCell => {
      const link = rewireLink(options.link, { latencyNs, bandwidthBytesPerS });
      const { tokensPerS, bottleneck } = walkPlan(plan, { ...options, link });
      const kept = tokensPerS / idealTokensPerS;
      return { latencyNs, bandwidthBytesPerS, tokensPerS, kept, bottleneck };
    }),
  );
  return { clock: 'simulated', idealTokensPerS, cells };
}
