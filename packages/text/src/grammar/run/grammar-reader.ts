/**
 * One answer that is held to a grammar: where it stands, what may follow, what must.
 *
 * End tokens may come where the text may end, and nowhere else; where nothing else may come, the
 * answer is over without one.
 */
import { assert } from '@wafer/core';
import { markerBytes } from '../../tokenizer/token-bytes.ts';
import type { GrammarProgram } from '../program.ts';
import { Automaton } from './automaton.ts';
import { MaskMaker } from './mask-maker.ts';
import type { TokenTrie, TrieTable } from './token-trie.ts';

/** Configurations that are kept, about 1.5 kB each; then all begin anew. */
const CONFIGURATIONS_MAX = 30_000;

/** A grammar with a vocabulary: what answers of the same grammar share. */
export class GrammarTables {
  readonly trie: TokenTrie;
  readonly tokenBytes: (token: number) => Uint8Array;
  readonly #program: GrammarProgram;
  readonly #configurationsMax: number;
  #automaton: Automaton;
  #masks: MaskMaker;
  #generation = 0;

  constructor(
    program: GrammarProgram,
    vocabulary: { trie: TokenTrie; tokenBytes: (token: number) => Uint8Array },
    configurationsMax: number = CONFIGURATIONS_MAX,
  ) {
    this.#program = program;
    this.#configurationsMax = configurationsMax;
    this.trie = vocabulary.trie;
    this.tokenBytes = vocabulary.tokenBytes;
    this.#automaton = new Automaton(program);
    this.#masks = new MaskMaker(this.#automaton, this.trie);
  }

  get automaton(): Automaton {
    return this.#automaton;
  }

  get masks(): MaskMaker {
    return this.#masks;
  }

  /** Rises when the automaton is another one: readers then read their text again. */
  get generation(): number {
    return this.#generation;
  }

  /** Begins anew if too much was met. */
  renewIfFull(): void {
    if (this.#automaton.count <= this.#configurationsMax) return;
    this.#automaton = new Automaton(this.#program);
    this.#masks = new MaskMaker(this.#automaton, this.trie);
    this.#generation++;
  }
}

const FORCED_BYTES_MAX = 512;

export class GrammarReader {
  readonly #tables: GrammarTables;
  readonly #ends: readonly number[];
  readonly #own: Uint32Array;
  readonly #forced = new Uint8Array(FORCED_BYTES_MAX);
  /** What was read, for an automaton that begins anew. */
  #read = new Uint8Array(256);
  #readCount = 0;
  #generation: number;
  #at: number;

  constructor(tables: GrammarTables, ends: readonly number[]) {
    this.#tables = tables;
    this.#ends = ends;
    this.#at = tables.automaton.start;
    this.#generation = tables.generation;
    this.#own = new Uint32Array(Math.ceil(tables.trie.vocabCount / 32));
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    this.#follow();
    return this.#tables.automaton.isAccepting(this.#at);
  }

  /** Whether it must: nothing may follow. */
  get isOver(): boolean {
    return this.isComplete && !this.#tables.automaton.goesOn(this.#at);
  }

  /** Tokens that may follow, to be read before the next call. Throws: GRAMMAR_LIMIT. */
  mask(): Uint32Array {
    this.#tables.renewIfFull();
    this.#follow();
    const mask = this.#tables.masks.maskOf(this.#at);
    if (this.#ends.length === 0) return mask;
    const own = this.#own;
    own.set(mask);
    const { isComplete } = this;
    for (const end of this.#ends) {
      if (isComplete) own[end >>> 5]! |= 1 << (end & 31);
      else own[end >>> 5]! &= ~(1 << (end & 31));
    }
    return own;
  }

  /** Reads a token that the mask allowed and that ends nothing. */
  accept(token: number): void {
    const bytes = this.#tables.tokenBytes(token);
    const isRead = this.tryRead(bytes.length === 0 ? markerBytes(token) : bytes);
    if (!isRead) assert(false, 'a token that was picked is one that may follow', { token });
  }

  /** Reads bytes; false, and nothing read, if they may not follow. */
  tryRead(bytes: Uint8Array): boolean {
    this.#follow();
    const next = this.#tables.automaton.read(this.#at, bytes);
    if (next < 0) return false;
    this.#at = next;
    const end = this.#readCount + bytes.length;
    if (end > this.#read.length) {
      const longer = new Uint8Array(Math.max(end, this.#read.length * 2));
      longer.set(this.#read);
      this.#read = longer;
    }
    this.#read.set(bytes, this.#readCount);
    this.#readCount = end;
    return true;
  }

  /** Reads its text again where the automaton is another one. */
  #follow(): void {
    const { automaton, generation } = this.#tables;
    if (this.#generation === generation) return;
    this.#generation = generation;
    this.#at = automaton.read(automaton.start, this.#read.subarray(0, this.#readCount));
    if (this.#at < 0) assert(false, 'a text that was read can be read again');
  }

  /** Writes up to `countMax` tokens of the only text that may follow; returns how many. */
  force(target: Int32Array, countMax: number): number {
    this.#follow();
    const { automaton, trie } = this.#tables;
    let length = 0;
    let at = this.#at;
    while (length < FORCED_BYTES_MAX) {
      const byte = automaton.forcedByte(at);
      if (byte < 0) break;
      this.#forced[length++] = byte;
      at = automaton.step(at, byte);
    }
    let count = 0;
    for (let start = 0; start < length && count < countMax; count++) {
      const text = this.#forced.subarray(start, length);
      const best = [trie.plain, trie.rest, trie.quoted]
        .map((table) => longestMatch(table, text))
        .reduce((most, one) => (one.length > most.length ? one : most));
      if (best.length === 0) break;
      target[count] = best.token;
      start += best.length;
    }
    return count;
  }
}

/** The longest token that a text begins with. */
function longestMatch(table: TrieTable, text: Uint8Array): { token: number; length: number } {
  let best = { token: -1, length: 0 };
  let node = 0;
  let end = table.bytes.length;
  for (let depth = 0; depth < text.length && node < end; depth++) {
    while (node < end && table.bytes[node] !== text[depth]) node = table.ends[node]!;
    if (node >= end) break;
    if (table.tokenStarts[node]! < table.tokenStarts[node + 1]!) {
      best = { token: table.tokens[table.tokenStarts[node]!]!, length: depth + 1 };
    }
    end = table.ends[node]!;
    node++;
  }
  return best;
}
