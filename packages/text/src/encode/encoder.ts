/**
 * Text to ids: cut at added tokens, normalize, cut at normalized ones, cut into pieces, encode.
 *
 * Everything that a file says is compiled, and so checked, at once; the tables of merges, which
 * take long, are built when the first text comes.
 */
import { reasonOf } from '@wafer/core';
import type { WaferError } from '@wafer/core';
import { AddedCutter } from './added-cutter.ts';
import { BpeModel } from './bpe-model.ts';
import type { EncoderSpec, PieceModel } from './encoder-spec.ts';
import { compileNormalizer, type Normalize } from './normalizers.ts';
import { compilePreTokenizer, type PreTokenizer } from './pre-tokenizers.ts';
import { checkTokenTexts } from './token-limits.ts';
import { UnigramModel } from './unigram-model.ts';
import { unitsPerToken } from './units-per-token.ts';

type Fail = (reason: string) => WaferError;

interface EncoderOptions {
  allowSpecial: boolean;
  tokensMax: number;
}

export class Encoder {
  readonly #spec: EncoderSpec;
  readonly #fail: Fail;
  readonly #normalize: Normalize;
  readonly #preTokenizer: PreTokenizer;
  #model: PieceModel | undefined;
  #unitsMax: number | undefined;
  /** Cutters for user text, and for text whose special tokens count. */
  #plain: Cutters | undefined;
  #full: Cutters | undefined;

  /** Throws: what `fail` makes of the reason. */
  constructor(spec: EncoderSpec, fail: Fail) {
    this.#spec = spec;
    this.#fail = fail;
    try {
      const normalize = compileNormalizer(spec.normalizer);
      this.#normalize = (text) => this.#try(() => normalize(text));
      this.#preTokenizer = compilePreTokenizer(spec.preTokenizer);
    } catch (error) {
      throw fail(reasonOf(error));
    }
  }

  /** The model behind, for tests that count its steps. */
  get model(): PieceModel {
    return (this.#model ??= this.#try(() => this.#makeModel()));
  }

  /**
   * At least so many ids has any text of `length` code units; 0 where nothing can be said, as text
   * may be dropped. It costs nothing, whatever the text.
   */
  leastCount(length: number): number {
    return Math.ceil(length / this.#unitsPerToken());
  }

  /**
   * Stops behind the piece that makes more than `tokensMax` ids, with what there is.
   * Throws: what `fail` makes of the reason, where the vocabulary has no token for any of it, or
   * its tables cannot be built, or a normalizer makes too much of it.
   */
  encode(text: string, { allowSpecial, tokensMax }: EncoderOptions): number[] {
    const { raw, normalized } = this.#cutters(allowSpecial);
    const { model } = this;
    const ids: number[] = [];
    const { droppedCount } = model;
    const unitsMax = this.#unitsPerToken();
    let isFirst = true;
    for (const outer of raw.cut(text)) {
      if (outer.id !== undefined) ids.push(outer.id);
      else {
        for (const inner of normalized.cut(this.#normalize(outer.text))) {
          if (inner.id !== undefined) ids.push(inner.id);
          else {
            const pieces = this.#preTokenizer.cut(inner.text, isFirst);
            for (const piece of pieces) {
              // No more of one long piece than certainly has too many.
              const units = (tokensMax + 1 - ids.length) * unitsMax;
              model.encode(piece.length > units ? piece.slice(0, units) : piece, ids);
              if (ids.length > tokensMax) return ids;
            }
          }
          isFirst = false;
        }
      }
      isFirst = false;
    }
    if (ids.length === 0 && model.droppedCount > droppedCount) {
      throw this.#fail('it has no token for any part of a text');
    }
    return ids;
  }

  #unitsPerToken(): number {
    return (this.#unitsMax ??= this.#try(() => {
      const added = this.#spec.added.map((token) =>
        token.isNormalized ? { ...token, content: this.#normalize(token.content) } : token,
      );
      return unitsPerToken({ ...this.#spec, added }, this.#preTokenizer.isBytes);
    }));
  }

  #cutters(allowSpecial: boolean): Cutters {
    const make = (): Cutters => {
      const added = this.#spec.added.filter(({ isSpecial }) => allowSpecial || !isSpecial);
      const raw = added.filter(({ isNormalized }) => !isNormalized);
      const normalized = added.flatMap((token) =>
        token.isNormalized ? { ...token, content: this.#normalize(token.content) } : [],
      );
      checkTokenTexts(
        normalized.map(({ content }) => content),
        this.#fail,
      );
      return this.#try(() => ({
        raw: new AddedCutter(raw),
        normalized: new AddedCutter(normalized),
      }));
    };
    if (allowSpecial) return (this.#full ??= make());
    return (this.#plain ??= make());
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw this.#fail(reasonOf(error));
    }
  }

  #makeModel(): PieceModel {
    const { model } = this.#spec;
    if (model.kind === 'unigram') return new UnigramModel(model);
    return new BpeModel(model, this.#preTokenizer.isBytes);
  }
}

interface Cutters {
  raw: AddedCutter;
  normalized: AddedCutter;
}
