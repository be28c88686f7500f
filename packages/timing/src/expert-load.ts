/**
 * What a step asks of experts whose choice is not known: an even routing.
 *
 * Each token chooses each expert with probability k / E, whatever others choose. So of T tokens an
 * expert gets T · k / E rows on average, and its matrices are read with probability
 * 1 - (1 - k / E)^T: a token alone reads exactly k experts. Tiles with whole experts share that
 * evenly, which a step of few tokens does not do: real ones wait for the busiest.
 */
import { linearCost, touchedShare } from '@wafer/core';
import type { ExpertSpec, OpCost, WeightType } from '@wafer/core';

/** An even routing's load on some of the experts. */
export interface ExpertLoad {
  /** Share of them that any token chooses. */
  touchedShare: number;
  /** Rows of one of them. */
  rowsPerExpert: number;
  /** Rows of all of them. */
  rowCount: number;
}

export function expertLoad(
  spec: Pick<ExpertSpec, 'expertCount' | 'chosenCount'>,
  use: { ownCount: number; tokenCount: number },
): ExpertLoad {
  const { ownCount, tokenCount } = use;
  const rowsPerExpert = (tokenCount * spec.chosenCount) / spec.expertCount;
  return {
    touchedShare: touchedShare(spec, tokenCount),
    rowsPerExpert,
    rowCount: ownCount * rowsPerExpert,
  };
}

/** Cost of one matrix of each of these experts. */
export function expertCost(
  matrices: readonly { type: WeightType; rows: number; columns: number }[],
  { touchedShare, rowsPerExpert }: ExpertLoad,
): OpCost {
  const costs = matrices.map((matrix) => linearCost(matrix, rowsPerExpert));
  const sum = sumCosts(costs);
  return { ...sum, weightBytes: sum.weightBytes * touchedShare };
}

/** Several ops as one. */
export function sumCosts(costs: readonly OpCost[]): OpCost {
  const sum = { flops: 0, weightBytes: 0, activationBytes: 0 };
  for (const cost of costs) {
    sum.flops += cost.flops;
    sum.weightBytes += cost.weightBytes;
    sum.activationBytes += cost.activationBytes;
  }
  return sum;
}
