/**
 * Whoever takes the outputs of a sequence: an answer, a score, an embedding.
 *
 * In each step: `take` for every output in order, as long as it goes on; then the scheduler
 * completes the step with `acceptedCount` rows of it; then `settle`.
 */
import type { RequestEvent } from './event-buffer.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sequence } from './sequence.ts';

/** When a step ended: on the wall clock, and on the virtual one, if there is one. */
export interface StepEnd {
  nowMs: number;
  virtualNs: number | undefined;
}

export interface Consumer {
  readonly sequence: Sequence;

  /**
   * Takes the output after `position`, to be read before it returns; false if the others of this
   * step mean nothing. Throws: LOGITS_NOT_FINITE.
   */
  take(row: Float32Array, position: number, end: StepEnd): boolean;

  /** How many rows of the step are its sequence's. */
  acceptedCount(): number;

  /** Goes on, or ends its sequence; true if it ended. */
  settle(scheduler: Scheduler): boolean;
}

/** Where consumers put what the caller is to be told, which may wait so long. Default: 0. */
export type Emit = (event: RequestEvent, waitMs?: number) => void;
