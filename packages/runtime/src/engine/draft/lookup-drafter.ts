/**
 * Guesses by looking up: what followed the last tokens when they stood in the text before.
 *
 * Two texts are looked at: a prediction, if the caller gave one (a file that is about to be
 * edited), and the sequence itself. In the prediction a cursor follows the answer; where they part,
 * the last tokens are looked for, and until they are found one token is taken to stand for another.
 *
 * Source: Saxena 2023, "Prompt Lookup Decoding"; OpenAI's predicted outputs (the interface).
 */
import type { Drafter } from './drafter.ts';

const GRAM_TOKENS = 3; // shorter ones meet by chance, longer ones meet late

/** Ends of the n-grams of a text, the latest of equal ones. */
class GramIndex {
  readonly #ends = new Map<number, number>();
  #indexed = GRAM_TOKENS - 1;

  /** Takes the n-grams that end before token `end`. */
  grow(tokens: Int32Array, end: number): void {
    for (; this.#indexed < end; this.#indexed++) {
      this.#ends.set(hashOf(tokens, this.#indexed + 1), this.#indexed + 1);
    }
  }

  /** Where what the first `count` of `tail` end with ends in `text`; -1 if it does not. */
  find(text: Int32Array, tail: Int32Array, count: number): number {
    if (count < GRAM_TOKENS) return -1;
    const end = this.#ends.get(hashOf(tail, count));
    if (end === undefined) return -1;
    for (let i = 1; i <= GRAM_TOKENS; i++) if (text[end - i] !== tail[count - i]) return -1;
    return end;
  }
}

export class LookupDrafter implements Drafter {
  readonly #own = new GramIndex();
  readonly #prediction: Int32Array;
  readonly #predicted = new GramIndex();
  /** Where the prediction goes on with what follows. */
  #cursor = 0;
  /** Tokens of the sequence that the cursor has followed. */
  #followed: number;

  constructor(promptCount: number, prediction: ArrayLike<number> = []) {
    this.#prediction = Int32Array.from(prediction);
    this.#predicted.grow(this.#prediction, this.#prediction.length);
    this.#followed = promptCount;
  }

  draft(tokens: Int32Array, tokenCount: number, target: Int32Array, countMax: number): number {
    this.#own.grow(tokens, tokenCount - 1);
    this.#follow(tokens, tokenCount);
    const predicted = this.#prediction.subarray(this.#cursor, this.#cursor + countMax);
    target.set(predicted);
    if (predicted.length > 0) return predicted.length;
    const end = this.#own.find(tokens, tokens, tokenCount);
    if (end < 0) return 0;
    // What repeats with a short period goes on beyond the end: the guesses are read, too.
    const period = tokenCount - end;
    for (let i = 0; i < countMax; i++) {
      target[i] = i < period ? tokens[end + i]! : target[i - period]!;
    }
    return countMax;
  }

  /** Moves the cursor along the tokens that came since the last call. */
  #follow(tokens: Int32Array, tokenCount: number): void {
    const prediction = this.#prediction;
    if (prediction.length === 0) return;
    for (; this.#followed < tokenCount; this.#followed++) {
      const isSame = prediction[this.#cursor] === tokens[this.#followed];
      this.#cursor++;
      if (isSame) continue;
      const end = this.#predicted.find(prediction, tokens, this.#followed + 1);
      if (end >= 0) this.#cursor = end;
    }
  }
}

/** Hashes the n-gram that ends at `end`, as MurmurHash3 mixes. */
function hashOf(tokens: Int32Array, end: number): number {
  let hash = 0;
  for (let i = end - GRAM_TOKENS; i < end; i++) {
    hash ^= Math.imul(tokens[i]!, 0xcc9e2d51);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return hash;
}
