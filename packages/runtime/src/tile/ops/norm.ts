/** Binds `norm`. */
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindNorm: Binder<'norm'> = (instruction, { kernels, step, constants }) => {
  const { target, source, gain, width, perToken } = instruction;
  const { normEpsilon } = constants;
  return compute(() =>
    kernels.rmsNorm(
      target.address,
      source.address,
      gain,
      step.rowCount * perToken,
      width,
      normEpsilon,
    ),
  );
};
