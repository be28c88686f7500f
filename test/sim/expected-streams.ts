/**
 * What each stream of tokens must be, by a model apart from the engine: the reference forward on
 * one sequence alone, nothing cached or batched, and the sampling options as they are defined.
 *
 * Logits of a prefix are kept, since many runs ask for the same.
 */
import type { Model } from '@wafer/runtime';
import { plainVocabOps, Sampler } from '@wafer/runtime/internal';
import type { SamplingOptions } from '@wafer/runtime/internal';
import { referenceOf } from '../contract/reference.ts';

export class ExpectedStreams {
  readonly #model: Model;
  readonly #logits = new Map<string, Float32Array>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Logits after the last of some tokens, [V]; not to be changed. */
  logitsAfter(tokens: readonly number[]): Float32Array {
    const key = tokens.join();
    let row = this.#logits.get(key);
    if (row === undefined) {
      const rows = referenceOf(this.#model, tokens);
      for (const [t, logits] of rows.entries()) {
        this.#logits.set(tokens.slice(0, t + 1).join(), logits);
      }
      row = rows.at(-1)!;
    }
    return row;
  }

  /** The tokens that a request is answered with, the one that stops it included. */
  answer(
    prompt: readonly number[],
    request: { maxTokens: number; stopTokens: readonly number[]; sampling: SamplingOptions },
  ): number[] {
    const { vocabCount } = this.#model.spec;
    const { maxTokens, stopTokens, sampling } = request;
    const ops = plainVocabOps({ vocabCount, rounding: 'fused' });
    const sampler = new Sampler(sampling, { prompt, vocabCount, ops });
    const isPlain = sampling.temperature === 0 && sampling.presencePenalty === 0;
    const answer: number[] = [];
    while (answer.length < maxTokens) {
      const logits = this.logitsAfter([...prompt, ...answer]);
      const token = isPlain
        ? likeliest(logits)
        : sampler.sample(logits.slice(), answer.length).token;
      answer.push(token);
      if (stopTokens.includes(token)) break;
      sampler.accept(token);
    }
    return answer;
  }
}

/** Id of the largest logit, the lowest of equals. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}
