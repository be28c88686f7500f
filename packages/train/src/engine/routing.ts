/**
 * What the tokens of a row chose, as an op that routes keeps it beside its values.
 *
 *   chosen, places  i32 [panels][k][16]      experts of each token; the rows of its slots
 *   slots           i32 [slot panels][16]    the slot of each row, -1: none
 *   starts, counts  i32 [E + 1], [E]         first slot panel of each expert; how many chose it
 *
 * Slot panels hold rows of one expert each, so that there may be some more than rows ask for.
 */
import type { ExpertSpec, ModelSpec } from '@wafer/core';

/** Bytes from the start of an op's extra bytes. */
export interface RoutingLayout {
  chosen: number;
  places: number;
  slots: number;
  starts: number;
  counts: number;
  bytes: number;
}

/** Panels of the rows of all experts, whatever is chosen; 0 of a dense model. */
export function slotPanelsOf({ experts }: ModelSpec, context: number): number {
  if (experts === undefined) return 0;
  const slots = context * experts.chosenCount;
  // Every expert that anyone chose may have a panel of one row.
  return Math.floor((slots + 15 * Math.min(experts.expertCount, slots)) / 16);
}

/** Lays out a choice. */
export function layoutRouting(
  experts: ExpertSpec | undefined,
  { panels, slotPanels }: { panels: number; slotPanels: number },
): RoutingLayout {
  const { expertCount = 0, chosenCount = 0 } = experts ?? {};
  const places = panels * chosenCount * 64;
  const slots = 2 * places;
  const starts = slots + slotPanels * 64;
  const counts = starts + (expertCount + 1) * 4;
  return { chosen: 0, places, slots, starts, counts, bytes: counts + expertCount * 4 };
}
