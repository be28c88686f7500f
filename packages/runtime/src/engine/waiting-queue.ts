/**
 * Sequences that wait, in the order of a policy.
 *
 * The order may change as others run, so the first is looked for each time: O(waiting), bounded by
 * the policy, and only when there is a row to give.
 */
import { assert, WaferError } from '@wafer/core';
import type { AdmissionPolicy, QueueLoad, RunningView } from './admission.ts';
import type { Sequence } from './sequence.ts';

export class WaitingQueue {
  readonly #policy: AdmissionPolicy;
  readonly #sequences: Sequence[] = [];
  readonly #load: QueueLoad = { requestCount: 0, promptTokens: 0 };
  #arrivalCount = 0;

  constructor(policy: AdmissionPolicy) {
    this.#policy = policy;
  }

  get count(): number {
    return this.#sequences.length;
  }

  /** Takes a new sequence. Throws: OVERLOADED. */
  add(sequence: Sequence): void {
    const refusal = this.#policy.refuses(this.#load, sequence);
    if (refusal) throw new WaferError('OVERLOADED', { ...refusal });
    sequence.arrival = this.#arrivalCount++;
    this.#put(sequence);
  }

  /** Takes a preempted sequence back, at its old place. */
  takeBack(sequence: Sequence): void {
    this.#put(sequence);
  }

  /** Whose turn it is; undefined if there is no slot for any whose consumer takes something. */
  first(view: RunningView): Sequence | undefined {
    let first: Sequence | undefined;
    for (const sequence of this.#sequences) {
      if (sequence.credit <= 0 || !this.#policy.hasSlot(sequence, view)) continue;
      const isBefore =
        first === undefined || this.#policy.compareWaiting(sequence, first, view) < 0;
      if (isBefore) first = sequence;
    }
    return first;
  }

  /** Takes a sequence out; false if it is not here. */
  remove(sequence: Sequence): boolean {
    const index = this.#sequences.indexOf(sequence);
    if (index < 0) return false;
    this.#sequences.splice(index, 1);
    this.#load.requestCount--;
    this.#load.promptTokens -= sequence.promptCount;
    const { promptTokens } = this.#load;
    if (promptTokens < 0) assert(false, 'what waits is counted', { promptTokens });
    return true;
  }

  find(id: number): Sequence | undefined {
    return this.#sequences.find((sequence) => sequence.id === id);
  }

  /** All who wait, in no order. */
  all(): readonly Sequence[] {
    return this.#sequences;
  }

  #put(sequence: Sequence): void {
    this.#sequences.push(sequence);
    this.#load.requestCount++;
    this.#load.promptTokens += sequence.promptCount;
  }
}
