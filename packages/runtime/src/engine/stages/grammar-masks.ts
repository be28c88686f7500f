/**
 * Masks of a grammar, and guesses of what it leaves no choice of.
 *
 * Whoever picks tells the reader; here it is only asked.
 */
import { WaferError } from '@wafer/core';
import { type Grammar, GrammarReader, GrammarTables } from '@wafer/text';
import type { Drafter } from '../draft/drafter.ts';
import type { MaskSource } from './mask.ts';

/** Grammars whose tables are kept for the next request of the same format. */
const TABLES_MAX = 16;

/** Tables of grammars by their keys, the last few. */
export class GrammarShelf {
  readonly #tokenBytes: (token: number) => Uint8Array;
  readonly #tables = new Map<string, GrammarTables>();

  constructor(tokenBytes: (token: number) => Uint8Array) {
    this.#tokenBytes = tokenBytes;
  }

  /** A reader for one answer; `ends` are the tokens that may end it. */
  open({ key, program, trie }: Grammar, ends: readonly number[]): GrammarReader {
    const tables =
      this.#tables.get(key) ?? new GrammarTables(program, { trie, tokenBytes: this.#tokenBytes });
    this.#tables.delete(key);
    this.#tables.set(key, tables);
    const [oldest] = this.#tables.keys();
    if (this.#tables.size > TABLES_MAX) this.#tables.delete(oldest!);
    return new GrammarReader(tables, ends);
  }
}

export class GrammarMasks implements MaskSource {
  readonly #reader: GrammarReader;

  constructor(reader: GrammarReader) {
    this.#reader = reader;
  }

  /** Throws: GRAMMAR_INVALID where the vocabulary cannot write what must come, GRAMMAR_LIMIT. */
  maskAt(): Uint32Array {
    const mask = this.#reader.mask();
    for (let word = 0; word < mask.length; word++) if (mask[word] !== 0) return mask;
    const reason = 'the vocabulary has no token for what must come';
    throw new WaferError('GRAMMAR_INVALID', { path: 'vocabulary', reason });
  }

  accept(): void {
    // The reader was told.
  }
}

export class GrammarDrafter implements Drafter {
  readonly #reader: GrammarReader;

  constructor(reader: GrammarReader) {
    this.#reader = reader;
  }

  draft(_tokens: Int32Array, _count: number, target: Int32Array, countMax: number): number {
    return this.#reader.force(target, countMax);
  }
}
