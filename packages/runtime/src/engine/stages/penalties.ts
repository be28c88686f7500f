/**
 * Changes to the logits that a request asks for: biases, and penalties on tokens that were used.
 *
 *     bias         logit += bias
 *     repetition   logit > 0 ? logit / penalty : logit * penalty     prompt and answer
 *     frequency    logit -= penalty * count                          answer only
 *     presence     logit -= penalty                                  answer only
 *
 * In this order, each rounded to f32. Only tokens that are counted are touched, so the cost follows
 * the text, not the vocabulary.
 *
 * Source: Keskar et al. 2019, "CTRL" (repetition), with the rule by sign of Hugging Face and
 * llama.cpp; OpenAI's interface (bias, frequency, presence).
 */
import type { SamplingOptions } from '../sampling-options.ts';
import type { KeepRaw, LogitsStage } from './stage.ts';

export class Penalties implements LogitsStage {
  /** Whether anything is ever changed. */
  readonly isActive: boolean;
  readonly #options: SamplingOptions;
  readonly #biases: readonly (readonly [token: number, bias: number])[];
  readonly #countsTokens: boolean;
  /** Token → times in the answer; the tokens of the prompt are here too if repetition counts. */
  readonly #counts = new Map<number, number>();

  constructor(options: SamplingOptions, prompt: ArrayLike<number>) {
    this.#options = options;
    this.#biases = Object.entries(options.logitBias).map(([token, bias]) => [Number(token), bias]);
    const { repetitionPenalty, frequencyPenalty, presencePenalty } = options;
    this.#countsTokens = repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;
    this.isActive = this.#countsTokens || this.#biases.length > 0;
    if (repetitionPenalty === 1) return;
    for (let i = 0; i < prompt.length; i++) this.#counts.set(prompt[i]!, 0);
  }

  /** Counts a token of the answer. */
  accept(token: number): void {
    if (!this.#countsTokens) return;
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
  }

  /** Changes the logits in place; `keepRaw` is told each one that changes, before it does. */
  apply(logits: Float32Array, _tokenIndex: number, keepRaw?: KeepRaw): void {
    if (keepRaw) {
      for (const token of this.#counts.keys()) keepRaw(token, logits[token]!);
      for (const [token] of this.#biases) keepRaw(token, logits[token]!);
    }
    for (const [token, bias] of this.#biases) logits[token] = logits[token]! + bias;
    const { repetitionPenalty, frequencyPenalty, presencePenalty } = this.#options;
    for (const [token, count] of this.#counts) {
      const logit = logits[token]!;
      logits[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
      if (count === 0) continue;
      logits[token] = logits[token]! - frequencyPenalty * count;
      logits[token] = logits[token]! - presencePenalty;
    }
  }
}
