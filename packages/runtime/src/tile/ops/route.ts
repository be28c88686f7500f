/** Binds `route`: chooses experts, then sorts the slots of a step by expert. */
import type { RouterSpec } from '@wafer/core';
import { expertsOf } from './experts.ts';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

const SCORES: readonly RouterSpec['score'][] = ['none', 'softmax', 'sigmoid'];
const WEIGHTS: readonly RouterSpec['weights'][] = ['scores', 'normalized', 'softmax'];

export const bindRoute: Binder<'route'> = (instruction, parts) => {
  const { kernels, step, integers } = parts;
  const { logits, selectionBias = 0, routing, tally } = instruction;
  const { expertCount, chosenCount, router } = expertsOf(parts);
  const { chosen, weights, starts, places, slots, scratch } = routing;
  const score = SCORES.indexOf(router.score);
  const weighting = WEIGHTS.indexOf(router.weights);
  const counts = tally && new Float64Array(integers.buffer, tally.address, expertCount);
  const { count, keptCount } = router.groups ?? { count: 0, keptCount: 0 };
  return compute(() => {
    const { rowCount } = step;
    kernels.route(
      chosen,
      weights,
      logits.address,
      selectionBias,
      scratch,
      rowCount,
      expertCount,
      chosenCount,
      score,
      weighting,
      count,
      keptCount,
      router.scale,
    );
    kernels.groupSlots(starts, places, slots, chosen, scratch, rowCount * chosenCount, expertCount);
    if (counts === undefined) return;
    for (let e = 0; e < expertCount; e++) {
      counts[e]! += integers[starts / 4 + e + 1]! - integers[starts / 4 + e]!;
    }
  });
};
