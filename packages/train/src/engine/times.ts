/**
 * Where the time of each stage of a replica goes, as its first tile has it: milliseconds since the
 * run began, in shared memory.
 *
 *   rows       walking through rows, waits included
 *   waits      for rows of the stage before, and gradients of the stage after
 *   exchanges  of a cut run: for other chips at the end of a step
 */
import type { TrainLayout } from './layout.ts';

/** Indices of one stage's numbers. */
export const TIMES = { rows: 0, waits: 1, exchanges: 2 } as const;
export const TIMES_COUNT = 4;

/** Milliseconds of one stage of a replica. */
export interface StageTimes {
  replica: number;
  stage: number;
  rowsMs: number;
  waitsMs: number;
  exchangesMs: number;
}

/** The address of a stage's numbers. */
export function timesAddress(
  { times, shape }: TrainLayout,
  replica: number,
  stage: number,
): number {
  return times + (replica * shape.stages + stage) * TIMES_COUNT * 8;
}

/** The numbers of one stage, shared. */
export function timesOf(
  memory: WebAssembly.Memory,
  layout: TrainLayout,
  { replica, stage }: { replica: number; stage: number },
): Float64Array {
  return new Float64Array(memory.buffer, timesAddress(layout, replica, stage), TIMES_COUNT);
}

/** The figures of all stages. */
export function readTimes(memory: WebAssembly.Memory, layout: TrainLayout): StageTimes[] {
  const { replicas, stages } = layout.shape;
  return Array.from({ length: replicas * stages }, (_, unit) => {
    const [replica, stage] = [Math.floor(unit / stages), unit % stages];
    const [rowsMs = 0, waitsMs = 0, exchangesMs = 0] = timesOf(memory, layout, { replica, stage });
    return { replica, stage, rowsMs, waitsMs, exchangesMs };
  });
}
