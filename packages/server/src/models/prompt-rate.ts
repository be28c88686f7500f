/**
 * How long prompts that came before take until each has its first token.
 *
 *     pending tokens of its tier and above × milliseconds of a token, of late
 *
 * Prompts are read one after the other, so a slot that is free is not yet a turn: where prompts are
 * long and answers short, this is the queue. A figure comes from times with more pending than a
 * step takes. With less, a step tells how long it is, not how much goes into it: an upper bound,
 * which only lowers a figure. Figures fade by the wall clock, and are worth little a few minutes
 * after the last queue.
 *
 * Tokens count in full, also those that a cache has: which these are is known when a prompt is
 * read. A figure then is that of prompts with such a share of them.
 */
import { TierSums } from './tiers.ts';
import type { Tier } from './tiers.ts';

/** Milliseconds after which a figure is worth a third beside one that is new. */
const MEMORY_MS = 2000;
/** Milliseconds without a queue after which a third is told of a figure that nothing confirms. */
const FORGET_MS = 30_000;

/** Tokens of a prompt, of whom, and when by the wall clock. */
interface PromptMoment {
  tokens: number;
  tier: Tier;
  nowMs: number;
}

export class PromptRate {
  readonly #stepTokens: number;
  readonly #pending = new TierSums();
  #atMs = 0;
  /** With any pending, since what was learned last: milliseconds, and tokens that were read. */
  #openMs = 0;
  #openTokens = 0;
  /** Faded sums of such times, when the last of them was added, and time without a queue since. */
  #ms = 0;
  #tokens = 0;
  #learnedAtMs = 0;
  #idleMs = 0;

  /** `stepTokens`: what a step reads at most. */
  constructor(stepTokens: number) {
    this.#stepTokens = stepTokens;
  }

  /** Takes note that a prompt came. */
  came({ tokens, tier, nowMs }: PromptMoment): void {
    this.#pass(nowMs);
    const wasQueue = this.#isQueue;
    this.#pending.add(tier, tokens);
    if (this.#isQueue !== wasQueue) this.#reopen();
  }

  /** Takes note that a prompt was read, or went without. */
  left({ tokens, tier, nowMs, wasRead }: PromptMoment & { wasRead: boolean }): void {
    this.#pass(nowMs);
    const wasQueue = this.#isQueue;
    this.#pending.add(tier, -tokens);
    if (wasRead) this.#openTokens += tokens;
    const isEmpty = this.#pending.total === 0;
    const isFaster = this.#openMs < this.#tokenMs * this.#openTokens;
    if (wasQueue ? wasRead : isEmpty && isFaster) this.#learn(nowMs);
    else if (isEmpty || wasQueue !== this.#isQueue) this.#reopen();
  }

  /** Milliseconds until all that go before one of this tier are read; 0 where nothing is known. */
  waitMs(tier: Tier, nowMs: number): number {
    this.#pass(nowMs);
    return this.#pending.upTo(tier) * this.#tokenMs;
  }

  get #isQueue(): boolean {
    return this.#pending.total > this.#stepTokens;
  }

  get #tokenMs(): number {
    if (this.#tokens === 0) return 0;
    return (Math.exp(-this.#idleMs / FORGET_MS) * this.#ms) / this.#tokens;
  }

  #pass(nowMs: number): void {
    const ms = nowMs - this.#atMs;
    if (this.#pending.total > 0) this.#openMs += ms;
    if (!this.#isQueue) this.#idleMs += ms;
    this.#atMs = nowMs;
  }

  #learn(nowMs: number): void {
    const kept = Math.exp(-(nowMs - this.#learnedAtMs) / MEMORY_MS);
    this.#ms = kept * this.#ms + this.#openMs;
    this.#tokens = kept * this.#tokens + this.#openTokens;
    this.#learnedAtMs = nowMs;
    this.#idleMs = 0;
    this.#reopen();
  }

  #reopen(): void {
    this.#openMs = 0;
    this.#openTokens = 0;
  }
}
