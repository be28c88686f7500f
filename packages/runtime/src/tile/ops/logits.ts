/** Binds `logits`: picks the rows that are wanted, and reports to the host. */
import { linearKernel } from '@wafer/kernels';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindLogits: Binder<'logits'> = (instruction, parts) => {
  const { kernels, step, constants, floats } = parts;
  const { source, picked, gain, weights, logits, firstId } = instruction;
  const { modelWidth, normEpsilon, activations, scratch } = constants;
  const linear = weights && linearKernel(kernels, weights.type, activations);
  return compute(() => {
    const count = step.outputCount;
    const { logitCount } = step;
    if (count > 0 && weights && linear) {
      for (let i = 0; i < count; i++) {
        const from = source.address / 4 + step.outputRow(i) * source.stride;
        floats.copyWithin(picked.address / 4 + i * picked.stride, from, from + modelWidth);
      }
      const { address } = picked;
      kernels.rmsNorm(address, address, gain, count, modelWidth, normEpsilon);
      if (logitCount > 0) {
        linear(
          logits.address,
          logits.stride,
          weights.address,
          address,
          picked.stride,
          logitCount,
          weights.rows,
          weights.columns,
          scratch,
        );
      }
      // A hidden state goes out in the columns of a row of logits: each tile has its share of it.
      const start = Math.min(firstId, modelWidth);
      const end = Math.min(firstId + weights.rows, modelWidth);
      for (let i = logitCount; i < count; i++) {
        const from = picked.address / 4 + i * picked.stride;
        floats.copyWithin(logits.address / 4 + i * logits.stride, from + start, from + end);
      }
    }
    parts.reportLogits(logits, count, firstId, weights?.rows ?? 0);
  });
};
