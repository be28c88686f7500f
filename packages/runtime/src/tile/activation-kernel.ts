/**
 * The gated activation that a model asks for, called as SwiGLU is.
 */
import type { ProgramConstants } from '@wafer/core';
import type { Kernels } from '@wafer/kernels';

/** The gated activation of the model, bound to its constants. */
export function activationKernel(
  kernels: Kernels,
  { activation }: ProgramConstants,
): Kernels['swiglu'] {
  if (activation.kind === 'silu') return kernels.swiglu;
  const { alpha, limit } = activation;
  return (y, yStride, gate, up, tokenCount, count) =>
    kernels.clampedSwiglu(y, yStride, gate, up, tokenCount, count, alpha, limit);
}
