/**
 * What each stream of tokens must be, by a model apart from the engine: the reference forward on
 * one sequence alone, nothing cached or batched, and the sampling options as they are defined.
 *
 * Logits of a prefix and what was sampled after a prompt are kept, since many runs ask for them:
 * limits and stops only end a stream.
 */
import type { Model } from '@wafer/runtime';
import { plainVocabOps, Sampler } from '@wafer/runtime/internal';
import type { SamplingOptions } from '@wafer/runtime/internal';
import { referenceOf } from '../contract/reference.ts';

/** A stream without an end, and what samples its next token. */
interface Stream {
  tokens: number[];
  sampler: Sampler;
  isPlain: boolean;
}

export class ExpectedStreams {
  readonly #model: Model;
  readonly #logits = new Map<string, Float32Array>();
  readonly #streams = new Map<string, Stream>();

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
    const { maxTokens, stopTokens, sampling } = request;
    const stream = this.#streamOf(prompt, sampling);
    let count = 0;
    while (count < maxTokens) {
      if (stream.tokens.length === count) this.#extend(prompt, stream);
      if (stopTokens.includes(stream.tokens[count++]!)) break;
    }
    return stream.tokens.slice(0, count);
  }

  /** What a prompt is followed by, however far it is followed. */
  #streamOf(prompt: readonly number[], sampling: SamplingOptions): Stream {
    const key = `${prompt.join()} ${JSON.stringify(sampling)}`;
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      const { vocabCount } = this.#model.spec;
      const ops = plainVocabOps({ vocabCount, rounding: 'fused' });
      const isPlain = sampling.temperature === 0 && sampling.presencePenalty === 0;
      const sampler = new Sampler(sampling, { prompt, vocabCount, ops });
      stream = { tokens: [], sampler, isPlain };
      this.#streams.set(key, stream);
    }
    return stream;
  }

  #extend(prompt: readonly number[], { tokens, sampler, isPlain }: Stream): void {
    const logits = this.logitsAfter([...prompt, ...tokens]);
    const token = isPlain ? likeliest(logits) : sampler.sample(logits.slice(), tokens.length).token;
    tokens.push(token);
    sampler.accept(token);
  }
}

/** Id of the largest logit, the lowest of equals. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}
