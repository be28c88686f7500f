/**
 * Keeps an answer from ending too early: its stop tokens cannot be picked before so many others.
 *
 * Stop strings, limits and a full context still end it.
 */
import type { LogitsStage } from './stage.ts';

export class MinTokensStage implements LogitsStage {
  readonly #stopTokens: readonly number[];
  readonly #minTokens: number;

  constructor(stopTokens: readonly number[], minTokens: number) {
    this.#stopTokens = stopTokens;
    this.#minTokens = minTokens;
  }

  apply(logits: Float32Array, tokenIndex: number): void {
    if (tokenIndex >= this.#minTokens) return;
    for (let i = 0; i < this.#stopTokens.length; i++) logits[this.#stopTokens[i]!] = -Infinity;
  }

  accept(): void {
    // What is allowed depends on places alone.
  }
}
