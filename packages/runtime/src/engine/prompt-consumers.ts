/**
 * Those who want something of a prompt and no answer: its logits, its logprobs, its embedding.
 *
 * All of them end after the prompt's last position; what they do with an output is a function.
 */
import { assert } from '@wafer/core';
import type { Consumer, Emit } from './consumer.ts';
import type { PromptLogprobs } from './prompt-logprobs.ts';
import type { Pooling } from './request.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sequence } from './sequence.ts';

/** Takes the output after a position. */
export type TakeOutput = (row: Float32Array, position: number, isLast: boolean) => void;

export class PromptConsumer implements Consumer {
  readonly sequence: Sequence;
  readonly #takeOutput: TakeOutput;
  #isDone = false;

  constructor(sequence: Sequence, takeOutput: TakeOutput) {
    this.sequence = sequence;
    this.#takeOutput = takeOutput;
  }

  take(row: Float32Array, position: number): boolean {
    const { promptCount } = this.sequence;
    if (this.#isDone || position >= promptCount) {
      assert(false, 'nothing comes after a prompt', { position, promptCount });
    }
    this.#isDone = position === promptCount - 1;
    this.#takeOutput(row, position, this.#isDone);
    return true;
  }

  acceptedCount(): number {
    return this.sequence.plannedCount;
  }

  settle(scheduler: Scheduler): boolean {
    if (this.#isDone) scheduler.finish(this.sequence);
    return this.#isDone;
  }
}

/** Hands the logits after each position from `from` on to the caller. */
export function tellLogits(
  { id, from, sequence }: { id: number; from: number; sequence: Sequence },
  emit: Emit,
): TakeOutput {
  return (row, position, isLast) => {
    if (position < from) return;
    sequence.credit--;
    const logits = new Float32Array(row); // out of shared memory
    emit({ kind: 'logits', id, position, logits, isLast });
  };
}

/** Hands the logprobs of a prompt's tokens to the caller, in the end. */
export function tellLogprobs(id: number, logprobs: PromptLogprobs, emit: Emit): TakeOutput {
  return (row, position, isLast) => {
    logprobs.take(row, position);
    if (isLast) emit({ kind: 'scored', id, logprobs: logprobs.rows });
  };
}

/** Hands the pooled states of a prompt to the caller, summed in f64 by ascending position. */
export function tellEmbedding(
  { id, pooling, width }: { id: number; pooling: Pooling; width: number },
  emit: Emit,
): TakeOutput {
  const sums = new Float64Array(width);
  return (row, position, isLast) => {
    for (let i = 0; i < width; i++) sums[i]! += row[i]!;
    if (!isLast) return;
    const count = pooling === 'mean' ? position + 1 : 1;
    const embedding = Float32Array.from(sums, (sum) => sum / count);
    emit({ kind: 'embedding', id, embedding });
  };
}
