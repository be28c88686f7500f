/**
 * The sequences that run, in the order in which a policy lets them keep their blocks, and how many
 * of each tenant there are.
 */
import { assert } from '@wafer/core';
import type { AdmissionPolicy } from './admission.ts';
import { RunningCounts } from './running-counts.ts';
import type { Sequence } from './sequence.ts';

export class RunningList {
  /** First who keeps its blocks longest. */
  readonly sequences: readonly Sequence[];
  readonly counts: RunningCounts;
  readonly #sequences: Sequence[] = [];
  readonly #policy: AdmissionPolicy;

  /** `countMax`: sequences that run at once. */
  constructor(policy: AdmissionPolicy, countMax: number) {
    this.#policy = policy;
    this.sequences = this.#sequences;
    this.counts = new RunningCounts(countMax);
  }

  get count(): number {
    return this.#sequences.length;
  }

  find(id: number): Sequence | undefined {
    return this.#sequences.find((sequence) => sequence.id === id);
  }

  /** Puts a sequence where the policy's order has it. */
  add(sequence: Sequence): void {
    this.counts.count(sequence, 1);
    const sequences = this.#sequences;
    let index = sequences.length;
    while (index > 0 && this.#policy.compareRunning(sequence, sequences[index - 1]!) < 0) index--;
    sequences.splice(index, 0, sequence);
  }

  /** Takes a sequence out that runs. */
  remove(sequence: Sequence): void {
    const index = this.#sequences.indexOf(sequence);
    if (index < 0) assert(false, 'who runs is listed', { id: sequence.id });
    this.#sequences.splice(index, 1);
    this.counts.count(sequence, -1);
  }
}
