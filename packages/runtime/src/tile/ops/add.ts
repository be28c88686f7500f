/** Binds `add`. */
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindAdd: Binder<'add'> = ({ target, source }, { kernels, step }) =>
  compute(() => kernels.add(target.address, source.address, step.rowCount * target.stride));
