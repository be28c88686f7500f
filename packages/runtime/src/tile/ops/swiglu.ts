/** Binds `swiglu`, in the gated activation that the model asks for. */
import type { ProgramConstants } from '@wafer/core';
import type { Kernels } from '@wafer/kernels';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

/** The gated activation of the model, bound to its constants; called as SwiGLU is. */
export function activationKernel(
  kernels: Kernels,
  { activation }: ProgramConstants,
): Kernels['swiglu'] {
  if (activation.kind === 'silu') return kernels.swiglu;
  const { alpha, limit } = activation;
  return (y, yStride, gate, up, tokenCount, count) =>
    kernels.clampedSwiglu(y, yStride, gate, up, tokenCount, count, alpha, limit);
}

export const bindSwiglu: Binder<'swiglu'> = (instruction, { kernels, step, constants }) => {
  const { target, gate, up, count } = instruction;
  const activate = activationKernel(kernels, constants);
  return compute(() =>
    activate(target.address, target.stride, gate.address, up.address, step.rowCount, count),
  );
};
