/** Binds `rope`. */
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindRope: Binder<'rope'> = (instruction, { kernels, step, constants }) => {
  const { address, stride } = instruction.target;
  const { headCount } = instruction;
  const { headWidth, rotaryWidth } = constants;
  const isPairs = constants.isRopePairs ? 1 : 0;
  return compute(() =>
    kernels.rope(
      address,
      stride,
      step.rope,
      step.rowCount,
      headCount,
      headWidth,
      rotaryWidth,
      isPairs,
    ),
  );
};
