/** Binds `expertSum`. */
import { expertsOf } from './experts.ts';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindExpertSum: Binder<'expertSum'> = (instruction, parts) => {
  const { kernels, step } = parts;
  const { target, source, routing, shared, count } = instruction;
  const { chosenCount, weighsInput } = expertsOf(parts);
  const weights = weighsInput ? 0 : routing.weights;
  return compute(() =>
    kernels.expertSum(
      target.address,
      target.stride,
      source.address,
      source.stride,
      routing.places,
      weights,
      shared?.address ?? 0,
      shared?.stride ?? 0,
      step.rowCount,
      chosenCount,
      count,
    ),
  );
};
