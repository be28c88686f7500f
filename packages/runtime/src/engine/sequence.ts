/**
 * One sequence of the engine: its tokens, and how far they are computed.
 *
 *     [ prompt ............ | answer ....... ]        tokenCount
 *     [ computed: in the KV cache ... | pending ]     computedCount
 *
 * The engine appends tokens; everything else is written by the scheduler alone. A decode is a
 * sequence with one pending token. After a preemption everything is pending again, and is computed
 * from the tokens that are here: nothing is sampled twice.
 */
import { assert } from '@wafer/core';

export interface SequenceSpec {
  id: number;
  prompt: ArrayLike<number>;
  /** How many tokens may be appended. */
  maxTokens: number;
  /** Whether the logits of every row are wanted, not of the last alone. */
  isScore: boolean;
}

export type SequenceState = 'new' | 'waiting' | 'running' | 'done';

export class Sequence {
  readonly id: number;
  readonly promptCount: number;
  readonly maxTokens: number;
  readonly isScore: boolean;
  state: SequenceState = 'new';
  /** Leading tokens whose keys and values are in `blocks`. */
  computedCount = 0;
  /** Rows below gave their logits already: a recomputed score does not repeat them. */
  scoredCount = 0;
  /** Leading blocks that the cache knows. */
  publishedCount = 0;
  /** Rows in the step that is under way. */
  plannedCount = 0;
  /** KV blocks held, in ascending position. */
  readonly blocks: number[] = [];
  /** Blocks held of the pool of windows, from block index `windowFirst` on. */
  readonly windowBlocks: number[] = [];
  windowFirst = 0;
  #tokens: Int32Array;
  #tokenCount: number;

  constructor(spec: SequenceSpec) {
    this.id = spec.id;
    this.promptCount = spec.prompt.length;
    this.maxTokens = spec.maxTokens;
    this.isScore = spec.isScore;
    assert(this.promptCount > 0, 'a sequence has a prompt', { id: spec.id });
    this.#tokens = Int32Array.from(spec.prompt);
    this.#tokenCount = this.promptCount;
  }

  /** Tokens known so far, [tokenCount and more]: only the first `tokenCount` count. */
  get tokens(): Int32Array {
    return this.#tokens;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  get pendingCount(): number {
    return this.#tokenCount - this.computedCount;
  }

  /** The most positions this sequence can ever compute: none follows the last token. */
  get positionsMax(): number {
    return this.promptCount + Math.max(0, this.maxTokens - 1);
  }

  /** Appends the next token of the answer; it is computed in the next step. */
  push(token: number): void {
    const count = this.#tokenCount;
    if (count - this.promptCount >= this.maxTokens) {
      assert(false, 'an answer ends at maxTokens', { id: this.id, maxTokens: this.maxTokens });
    }
    if (count === this.#tokens.length) this.#grow();
    this.#tokens[count] = token;
    this.#tokenCount = count + 1;
  }

  /** Room doubles, so that appending is O(1) and a short answer to a long limit costs little. */
  #grow(): void {
    const lengthMax = this.promptCount + this.maxTokens;
    const tokens = new Int32Array(Math.min(lengthMax, Math.max(64, this.#tokens.length * 2)));
    tokens.set(this.#tokens);
    this.#tokens = tokens;
  }
}
