/**
 * What an arrangement would send over a cut through it, and how long its pipeline stands still:
 * computed from the program, as threads of a run share one memory and send nothing.
 *
 *     replicas   sums of gradients to the others' tree, new weights back
 *     stages     the residual values of each row forward, their gradient back
 *     tiles      of each linear layer the outputs, and the gradient of its inputs, to the others
 */
import { assert, expertsOf } from '@wafer/core';
import type { TrainProgram, TrainRun, TrainShape } from '@wafer/train';

export interface CutCost {
  /** Of a step. */
  bytes: number;
  /** Share of the time in which a stage waits for its first and after its last row. */
  bubble: number;
}

/** What was measured of a run whose stages or replicas wait for each other. */
export interface CutMeasured {
  /** Of a step over the cut; 0 where all is in one memory. */
  bytes: number;
  /** Of them headers, checks and credits. */
  overheadBytes: number;
  /** Share of the walk through rows that stages wait for each other: the bubble, and all else. */
  waitShare: number;
  /** Share of a step's time that goes into the exchange at its end. */
  exchangeShare: number;
}

/** Figures of a run after so many steps, which took so many milliseconds in all. */
export function cutMeasuredOf(
  { traffic, times }: Pick<TrainRun, 'traffic' | 'times'>,
  { steps, allMs }: { steps: number; allMs: number },
): CutMeasured {
  const sum = <Item>(list: readonly Item[], of: (item: Item) => number): number =>
    list.reduce((all, item) => all + of(item), 0);
  assert(steps > 0 && allMs > 0, 'what is measured took steps and time', { steps, allMs });
  assert(times.length > 0, 'a run has a stage', {});
  const overheadBytes = sum(traffic, (pair) => pair.overheadBytes) / steps;
  const rowsMs = sum(times, (stage) => stage.rowsMs);
  return {
    bytes: sum(traffic, (pair) => pair.payloadBytes) / steps + overheadBytes,
    overheadBytes,
    waitShare: rowsMs > 0 ? sum(times, (stage) => stage.waitsMs) / rowsMs : 0,
    exchangeShare: sum(times, (stage) => stage.exchangesMs) / times.length / allMs,
  };
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

/** Columns of all outputs and of all inputs of linear layers, of each expert that a token meets. */
function linearWidth({ ops, spec }: TrainProgram): number {
  return ops.reduce((sum, op) => {
    if (op.op === 'linear') return sum + op.output.width + op.input.width;
    if (op.op === 'experts') {
      return sum + expertsOf(spec).chosenCount * (op.output.width + op.input.width);
    }
    return op.op === 'loss' ? sum + spec.modelWidth : sum;
  }, 0);
}
