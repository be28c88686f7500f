/**
 * Ids of words met lately, in bounded memory: two generations, of which the older one is dropped
 * when the younger one is full. A word that is asked for again moves to the younger.
 */

/** Words of one generation; a word takes about 200 bytes. */
const WORDS_MAX = 16_384;
const WORD_LENGTH_MAX = 64;

/** V8 copies shorter parts of a text. */
const PART_LENGTH_MIN = 12;

export class WordMemory {
  #young = new Map<string, readonly number[]>();
  #old = new Map<string, readonly number[]>();

  get(word: string): readonly number[] | undefined {
    const known = this.#young.get(word);
    if (known !== undefined) return known;
    const older = this.#old.get(word);
    if (older !== undefined) this.#keep(word, older);
    return older;
  }

  /** Remembers the ids of a word. */
  set(word: string, ids: readonly number[]): void {
    if (word.length <= WORD_LENGTH_MAX) this.#keep(copyOf(word), ids);
  }

  #keep(word: string, ids: readonly number[]): void {
    if (this.#young.size >= WORDS_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(word, ids);
  }
}

/** A part of a text keeps the whole text in memory; a copy does not. */
function copyOf(word: string): string {
  return word.length <= PART_LENGTH_MIN ? word : word.split('').join('');
}
