/**
 * What one memory holds of the sums of gradients: which tensors its threads update, and which of
 * the sums of rows they add to which, in the tree of `row-tree.ts`.
 */
import type { TrainProgram } from '../network/program.ts';
import type { TrainLayout } from './layout.ts';
import type { LearnedPlace } from './place-tensors.ts';
import { stageOfTensors } from './stage-tensors.ts';

/** A tensor, and the sums of its gradients that are added in this order: right to left. */
export interface TensorSums {
  tensor: LearnedPlace;
  /** Addresses of regions of sums. */
  joins: readonly (readonly [number, number])[];
}

/** The end of a step in one memory. */
export interface UpdateShare {
  /** Added before anything leaves for another memory. */
  early: readonly TensorSums[];
  /** Updated here, once what comes from elsewhere is there. */
  owned: readonly TensorSums[];
}

/** All that is trained, in the order of its places. */
export function trainedPlaces({ tensors, trainedBytes }: TrainLayout): LearnedPlace[] {
  return tensors.filter(({ offset }) => offset < trainedBytes);
}

/** Where all is in one memory: everything is updated, and nothing waits. */
export function wholeShare(program: TrainProgram, layout: TrainLayout): UpdateShare {
  const { sums, final, layerStages } = layout;
  const joins = final.merges.map(
    ([left, right]) =>
      [sums[left.replica]![left.buffer]!, sums[right.replica]![right.buffer]!] as const,
  );
  const stages = stageOfTensors(program, layerStages);
  const owned = trainedPlaces(layout).map((tensor) => {
    // What no row gives is summed from the embedded rows alone.
    return { tensor, joins: stages.has(tensor.name) ? joins : [] };
  });
  return { early: [], owned };
}
