/**
 * How long prompts that came before take until each has its first token.
 *
 *     pending tokens × milliseconds of a token, of late, while more were pending than a step takes
 *
 * Prompts are read one after the other, so a slot that is free is not yet a turn: where prompts are
 * long and answers short, this is the queue. A prompt by itself tells how long a step is, not how
 * much goes into it: it is not counted. Old figures fade.
 */
import { assert } from '@wafer/core';

/** Milliseconds with a queue after which a figure is worth a third. */
const MEMORY_MS = 2000;

export class PromptRate {
  readonly #stepTokens: number;
  #pendingTokens = 0;
  #atMs = 0;
  /** With a queue, since the last prompt of it was read. */
  #openMs = 0;
  /** Faded sums: milliseconds with a queue, and tokens that were read meanwhile. */
  #ms = 0;
  #tokens = 0;

  /** `stepTokens`: what a step reads at most. */
  constructor(stepTokens: number) {
    this.#stepTokens = stepTokens;
  }

  /** Takes note that a prompt came. */
  came(tokens: number, nowMs: number): void {
    this.#pass(nowMs);
    this.#pendingTokens += tokens;
  }

  /** Takes note that a prompt was read, or went without. */
  left(tokens: number, { wasRead, nowMs }: { wasRead: boolean; nowMs: number }): void {
    this.#pass(nowMs);
    const wasQueue = this.#isQueue;
    this.#pendingTokens -= tokens;
    assert(this.#pendingTokens >= 0, 'who leaves had come', { pending: this.#pendingTokens });
    if (!wasRead || !wasQueue) return;
    const kept = Math.exp(-this.#openMs / MEMORY_MS);
    this.#ms = kept * this.#ms + this.#openMs;
    this.#tokens = kept * this.#tokens + tokens;
    this.#openMs = 0;
  }

  /** Milliseconds until all that are pending are read; 0 before any queue was. */
  waitMs(nowMs: number): number {
    this.#pass(nowMs);
    if (this.#tokens === 0) return 0;
    return (this.#pendingTokens * this.#ms) / this.#tokens;
  }

  get #isQueue(): boolean {
    return this.#pendingTokens > this.#stepTokens;
  }

  #pass(nowMs: number): void {
    if (this.#isQueue) this.#openMs += nowMs - this.#atMs;
    this.#atMs = nowMs;
  }
}
