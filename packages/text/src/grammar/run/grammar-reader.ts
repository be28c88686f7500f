/**
 * One answer that is held to a grammar: where it stands, what may follow, what must.
 *
 * End tokens may come where the text may end, and nowhere else; where nothing else may come, the
 * answer is over without one.
 */
import { assert, WaferError } from '@wafer/core';
import type { GrammarProgram } from '../program.ts';
import { Automaton } from './automaton.ts';
import { MaskMaker } from './mask-maker.ts';
import type { TokenTrie, TrieTable } from './token-trie.ts';

/** A grammar with a vocabulary: what answers of the same grammar share. */
export class GrammarTables {
  readonly automaton: Automaton;
  readonly masks: MaskMaker;
  readonly trie: TokenTrie;
  readonly tokenBytes: (token: number) => Uint8Array;

  constructor(
    program: GrammarProgram,
    vocabulary: { trie: TokenTrie; tokenBytes: (token: number) => Uint8Array },
    maskBytesMax?: number,
  ) {
    this.automaton = new Automaton(program);
    this.trie = vocabulary.trie;
    this.tokenBytes = vocabulary.tokenBytes;
    this.masks = new MaskMaker(this.automaton, this.trie, maskBytesMax);
  }
}

const FORCED_BYTES_MAX = 512;

export class GrammarReader {
  readonly #tables: GrammarTables;
  readonly #ends: readonly number[];
  readonly #own: Uint32Array;
  readonly #forced = new Uint8Array(FORCED_BYTES_MAX);
  #at: number;

  constructor(tables: GrammarTables, ends: readonly number[]) {
    this.#tables = tables;
    this.#ends = ends;
    this.#at = tables.automaton.start;
    this.#own = new Uint32Array(Math.ceil(tables.trie.vocabCount / 32));
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    return this.#tables.automaton.isAccepting(this.#at);
  }

  /** Whether it must: nothing may follow. */
  get isOver(): boolean {
    return this.isComplete && !this.#tables.automaton.goesOn(this.#at);
  }

  /** Tokens that may follow, to be read before the next call. Throws: GRAMMAR_LIMIT. */
  mask(): Uint32Array {
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
    const next = this.#tables.automaton.read(this.#at, this.#tables.tokenBytes(token));
    if (next < 0) assert(false, 'a token that was picked is one that may follow', { token });
    this.#at = next;
  }

  /** Reads bytes; false, and nothing read, if they may not follow. */
  tryRead(bytes: Uint8Array): boolean {
    const next = this.#tables.automaton.read(this.#at, bytes);
    if (next < 0) return false;
    this.#at = next;
    return true;
  }

  /** Writes up to `countMax` tokens of the only text that may follow; returns how many. */
  force(target: Int32Array, countMax: number): number {
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
      const inPlain = longestMatch(trie.plain, text);
      const inRest = longestMatch(trie.rest, text);
      const best = inRest.length > inPlain.length ? inRest : inPlain;
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

/** Stops where a vocabulary cannot write what a grammar wants. Throws: GRAMMAR_INVALID, always. */
export function refuseVocabulary(): never {
  const reason = 'the vocabulary has no token for what must come';
  throw new WaferError('GRAMMAR_INVALID', { path: 'vocabulary', reason });
}
