/**
 * What an arrangement would send over a cut through it, and how long its pipeline stands still:
 * computed from the program, as threads of a run share one memory and send nothing.
 *
 *     replicas   sums of gradients to the others' tree, new weights back
 *     stages     the residual values of each row forward, their gradient back
 *     tiles      of each linear layer the outputs, and the gradient of its inputs, to the others
 */
import type { TrainProgram, TrainRun, TrainShape } from '@wafer/train';

export interface CutCost {
  /** Of a step. */
  bytes: number;
  /** Share of the time in which a stage waits for its first and after its last row. */
  bubble: number;
}

const F32_BYTES = 4;

/** Costs of a step. */
export function cutCostOf(
  { layout, program }: Pick<TrainRun, 'layout' | 'program'>,
  { replicas, stages, tiles }: TrainShape,
): CutCost {
  const { context, rowsOfStep, trainedBytes } = layout;
  const valuesOf = (width: number): number => rowsOfStep * context * width * F32_BYTES;
  const bytes =
    (replicas - 1) * 2 * trainedBytes +
    (stages - 1) * 2 * valuesOf(program.spec.modelWidth) +
    (tiles - 1) * valuesOf(linearWidth(program));
  const rows = rowsOfStep / replicas;
  return { bytes, bubble: (stages - 1) / (rows + stages - 1) };
}

/** Columns of all outputs and of all inputs of linear layers. */
function linearWidth({ ops, spec }: TrainProgram): number {
  return ops.reduce((sum, op) => {
    if (op.op === 'linear') return sum + op.output.width + op.input.width;
    return op.op === 'loss' ? sum + spec.modelWidth : sum;
  }, 0);
}
