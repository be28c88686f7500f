/**
 * What sampling needs of one row of logits, [V]: an interface, and its plain reference.
 *
 * Results land in the buffers of the ops, to be read before the next call: nothing is allocated per
 * token. Implementations are equal to the bit. One set of ops serves all samplers of a thread.
 */
import { argmax, expRow, expSums, type Rounding, topK } from '@wafer/core';

/** The longest short list of `topK`. Kernels insert one by one, which pays for short lists only. */
export const SHORT_LIST_MAX = 128;

export interface ExpOptions {
  max: number;
  scale: number;
}

export interface VocabOps {
  /** Results of `topK`, [SHORT_LIST_MAX or V]. */
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** Result of `expRow`, [V]. */
  readonly weights: Float32Array;

  /** Id of the largest logit, the lowest of equals; NaN is never it. */
  argmax(logits: Float32Array): number;

  /** The k largest in descending order, equals by ascending id; returns how many there are. */
  topK(logits: Float32Array, k: number): number;

  /** weights[i] = exp((logits[i] - max) · scale). `logits` may be `values`. */
  expRow(logits: Float32Array, options: ExpOptions): void;

  /** Σ exp((logits[i] - max) · scale): blocks of 1,024 ids, in ascending order. */
  expSum(logits: Float32Array, options: ExpOptions): number;
}

/** The ops in plain TypeScript: the reference, and slow. */
export function plainVocabOps(spec: { vocabCount: number; rounding: Rounding }): VocabOps {
  const { vocabCount, rounding } = spec;
  const listLength = Math.min(SHORT_LIST_MAX, vocabCount);
  const ids = new Int32Array(listLength);
  const values = new Float32Array(listLength);
  const weights = new Float32Array(vocabCount);
  return {
    ids,
    values,
    weights,
    argmax,
    topK(logits, k) {
      const largest = topK(logits, k);
      ids.set(largest.ids);
      values.set(largest.values);
      return largest.ids.length;
    },
    expRow(logits, options) {
      weights.set(expRow(logits, { ...options, rounding }));
    },
    expSum(logits, options) {
      return foldSums(expSums(logits, { ...options, rounding }));
    },
  };
}

/** Adds block sums in ascending order. */
export function foldSums(sums: Float32Array): number {
  let total = 0;
  for (const sum of sums) total += sum;
  return total;
}
