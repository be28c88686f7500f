/**
 * Ids of words met lately, in bounded memory: two generations, of which the older one is dropped
 * when the younger one is full. A word that is met again moves to the younger.
 *
 * Words are copied into tables: a part of a long text would keep all of it.
 */
import { TextTable } from './text-table.ts';

/** Words of one generation; a word takes about 60 bytes. */
const WORDS_MAX = 16_384;
const WORD_LENGTH_MAX = 64;

/** A word's number is the place of its ids; the count of them goes before. */
class Generation {
  readonly table: TextTable = new TextTable();
  readonly ids: number[] = [];
  count = 0;

  /** False, and not added, where too many words have one hash. */
  add(word: string, ids: readonly number[], start: number): boolean {
    if (!this.table.set(word, this.ids.length)) return false;
    this.ids.push(ids.length - start);
    for (let index = start; index < ids.length; index++) this.ids.push(ids[index]!);
    this.count++;
    return true;
  }
}

export class WordMemory {
  #young = new Generation();
  #old = new Generation();

  /** Appends the ids of a word that is known; says whether it is. */
  push(word: string, ids: number[]): boolean {
    if (word.length > WORD_LENGTH_MAX) return false;
    if (append(this.#young, word, ids)) return true;
    const start = ids.length;
    if (!append(this.#old, word, ids)) return false;
    this.add(word, ids, start);
    return true;
  }

  /** Remembers ids[start …] as those of a word that is not known. */
  add(word: string, ids: readonly number[], start: number): void {
    if (word.length > WORD_LENGTH_MAX) return;
    if (this.#young.count < WORDS_MAX && this.#young.add(word, ids, start)) return;
    this.#old = this.#young;
    this.#young = new Generation();
    this.#young.add(word, ids, start);
  }
}

function append(generation: Generation, word: string, ids: number[]): boolean {
  const place = generation.table.get(word);
  if (place < 0) return false;
  const end = place + 1 + generation.ids[place]!;
  for (let index = place + 1; index < end; index++) ids.push(generation.ids[index]!);
  return true;
}
