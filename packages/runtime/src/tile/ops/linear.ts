/** Binds `linear`: the kernel of its weight type, its bias, and changes by the rows' adapters. */
import { lowRankBytes } from '@wafer/core';
import type { InstructionOf } from '@wafer/core';
import { linearKernel } from '@wafer/kernels';
import { compute } from '../bound-instruction.ts';
import type { Binder, TileParts } from '../bound-instruction.ts';

export const bindLinear: Binder<'linear'> = (instruction, parts) => {
  const { kernels, step, constants } = parts;
  const { weights, source, target, bias } = instruction;
  const linear = linearKernel(kernels, weights.type, constants.activations);
  const adapt = bindAdapters(instruction, parts);
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

/** Adds the changes of adapters: one call for neighboring rows that go through the same. */
function bindAdapters(
  { weights, source, target, adapters }: InstructionOf<'linear'>,
  { kernels, step, integers, constants: { scratch } }: TileParts,
): (() => void) | undefined {
  if (adapters === undefined) return undefined;
  const { a, b, used, rank } = adapters;
  const { rows, columns } = weights;
  const slot = lowRankBytes(weights, rank);
  return () => {
    const { segmentCount } = step;
    for (let segment = 0; segment < segmentCount;) {
      const adapter = step.segmentAdapter(segment);
      const row = step.segmentFirstRow(segment);
      let rowCount = 0;
      while (segment < segmentCount && step.segmentAdapter(segment) === adapter) {
        rowCount += step.segmentRowCount(segment);
        segment++;
      }
      if (adapter === 0 || integers[used / 4 + adapter - 1] === 0) continue;
      kernels.lowRank(
        target.address + row * target.stride * 4,
        target.stride,
        a + (adapter - 1) * slot.a,
        b + (adapter - 1) * slot.b,
        source.address + row * source.stride * 4,
        source.stride,
        rowCount,
        rows,
        columns,
        rank,
        scratch,
      );
    }
  };
}
