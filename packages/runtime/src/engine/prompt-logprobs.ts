/**
 * Logprobs of the tokens of a prompt, each given those before it, and the likeliest beside it.
 */
import { likeliest, logSumExp, type TokenLogprob } from './sampler.ts';
import type { VocabOps } from './vocab-ops.ts';

/** A token of a prompt and how likely it was there. */
export interface PromptLogprob extends TokenLogprob {
  /** The likeliest tokens in its place, as many as asked for. */
  top: TokenLogprob[];
}

export class PromptLogprobs {
  readonly rows: PromptLogprob[] = [];
  readonly #prompt: Int32Array;
  readonly #topCount: number;
  readonly #ops: VocabOps;

  constructor(prompt: Int32Array, want: { topCount: number; ops: VocabOps }) {
    this.#prompt = prompt;
    this.#topCount = want.topCount;
    this.#ops = want.ops;
  }

  /** Takes the logits after a position; those after the prompt's last one foretell none of it. */
  take(logits: Float32Array, position: number): void {
    const token = this.#prompt[position + 1];
    if (token === undefined) return;
    const logTotal = logSumExp(this.#ops, logits, position);
    const top = likeliest(this.#ops, logits, { count: this.#topCount, logTotal });
    this.rows.push({ token, logprob: logits[token]! - logTotal, top });
  }
}
