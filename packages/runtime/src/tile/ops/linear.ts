/** Binds `linear`: the kernel of its weight type, its bias, and changes by the rows' adapters. */
import { linearKernel } from '@wafer/kernels';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';
import { bindStepChanges } from './low-rank.ts';

export const bindLinear: Binder<'linear'> = (instruction, parts) => {
  const { kernels, step, constants } = parts;
  const { weights, source, target, bias } = instruction;
  const linear = linearKernel(kernels, weights.type, constants.activations);
  const places = { sizes: weights, y: target, x: source };
  const adapt = bindStepChanges(instruction.adapters, places, parts);
  return compute(() => {
    linear(
      target.address,
      target.stride,
      weights.address,
      source.address,
      source.stride,
      step.rowCount,
      weights.rows,
      weights.columns,
      constants.scratch,
    );
    if (bias !== undefined) {
      kernels.addBias(target.address, target.stride, bias, step.rowCount, weights.rows);
    }
    adapt?.();
  });
};
