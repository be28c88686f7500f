/**
 * How many tokens to guess: more while guesses are right, none for a while after they were not.
 *
 *     all right      twice as many next time
 *     some right     as many as were right, and one
 *     none right     half as many, and after the n-th such time in a row none for 2^n tokens
 *
 * So a text that does not repeat soon pays for a row in 64 tokens. What a format leaves no choice
 * of is guessed before anything else, and whenever there is some: a guess goes wrong only where the
 * model cuts the same text into other tokens.
 */
import { assert } from '@wafer/core';
import type { Sequence } from '../sequence.ts';
import type { Drafter } from './drafter.ts';

export const DRAFT_TOKENS_MAX = 32;
const DRAFT_TOKENS_START = 4;
const PAUSE_EXPONENT_MAX = 6;

export class Speculation {
  readonly #drafter: Drafter | undefined;
  readonly #forced: Drafter | undefined;
  readonly #guesses = new Int32Array(DRAFT_TOKENS_MAX);
  #length = DRAFT_TOKENS_START;
  #forcedLength = DRAFT_TOKENS_MAX;
  /** Whether the last guesses were of what is forced. */
  #isForced = false;
  #missCount = 0;
  /** No guesses before the sequence has as many tokens. */
  #pauseUntil = 0;
  #draftedCount = 0;
  #acceptedCount = 0;

  constructor(drafter: Drafter | undefined, forced?: Drafter) {
    this.#drafter = drafter;
    this.#forced = forced;
  }

  get draftedCount(): number {
    return this.#draftedCount;
  }

  get acceptedCount(): number {
    return this.#acceptedCount;
  }

  /** Puts guesses behind a sequence that decodes. */
  propose(sequence: Sequence): void {
    const { tokens, tokenCount, draftCountMax } = sequence;
    if (!sequence.isDecoding || this.#proposeForced(sequence)) return;
    if (this.#drafter === undefined || tokenCount < this.#pauseUntil) return;
    const countMax = Math.min(this.#length, draftCountMax);
    if (countMax === 0) return;
    const count = this.#drafter.draft(tokens, tokenCount, this.#guesses, countMax);
    if (count > 0) sequence.draft(this.#guesses, count);
  }

  #proposeForced(sequence: Sequence): boolean {
    this.#isForced = false;
    const countMax = Math.min(this.#forcedLength, sequence.draftCountMax);
    if (this.#forced === undefined || countMax === 0) return false;
    const { tokens, tokenCount } = sequence;
    const count = this.#forced.draft(tokens, tokenCount, this.#guesses, countMax);
    if (count > 0) sequence.draft(this.#guesses, count);
    this.#isForced = count > 0;
    return count > 0;
  }

  /** Learns what became of the guesses that were in a step. */
  learn(sequence: Sequence, acceptedCount: number): void {
    const draftedCount = sequence.plannedDraftCount;
    if (draftedCount === 0) return;
    if (!(acceptedCount >= 0 && acceptedCount <= draftedCount)) {
      assert(false, 'what is accepted was drafted', { acceptedCount, draftedCount });
    }
    this.#draftedCount += draftedCount;
    this.#acceptedCount += acceptedCount;
    if (this.#isForced) {
      const isAll = acceptedCount === draftedCount;
      this.#forcedLength = isAll ? DRAFT_TOKENS_MAX : acceptedCount + 1;
      return;
    }
    if (acceptedCount === 0) {
      this.#missCount = Math.min(this.#missCount + 1, PAUSE_EXPONENT_MAX);
      this.#length = Math.max(1, this.#length >> 1);
      if (this.#missCount > 1) this.#pauseUntil = sequence.tokenCount + 2 ** this.#missCount;
      return;
    }
    this.#missCount = 0;
    const isWhole = acceptedCount === draftedCount;
    const length = isWhole ? 2 * Math.max(this.#length, draftedCount) : acceptedCount + 1;
    this.#length = Math.min(DRAFT_TOKENS_MAX, Math.max(length, 2));
  }
}
