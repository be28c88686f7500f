/**
 * Byte-pair encoding of pieces: symbols, merges, and a bounded memory of words met before.
 *
 * `bytes` makes symbols of UTF-8 bytes (their alphabet: load/byte-level.ts), otherwise of
 * characters. Memory: the rules take 20 bytes a merge; the words remembered are bounded in count
 * and length.
 *
 * Source: GPT-2's encoder; SentencePiece's bpe_model for scores.
 */
import type { WaferError } from '@wafer/core';
import { BYTE_CHARACTERS } from '../load/byte-level.ts';
import {
  PIECE_SPACE,
  type PieceModel,
  type PieceModelSpec,
  type Vocabulary,
} from './encoder-spec.ts';
import { Merger, type MergeRules } from './merger.ts';
import { PairTable } from './pair-table.ts';
import { Symbols } from './symbols.ts';
import { WordMemory } from './word-memory.ts';

type Fail = (reason: string) => WaferError;
type BpeSpec = Extract<PieceModelSpec, { kind: 'bpe' | 'scored' }>;

const TEXT = new TextEncoder();

export class BpeModel implements PieceModel {
  readonly #vocabulary: Vocabulary;
  readonly #symbols: Symbols;
  readonly #merger: Merger;
  readonly #takesWhole: boolean;
  readonly #isBytes: boolean;
  /** Byte-level: the symbol of each byte. */
  readonly #byteSymbols: Int32Array;
  /** No token reaches over the beginning of a word, so that pieces may be cut there. */
  readonly #cutsWords: boolean;
  readonly #words = new WordMemory();
  #scratch = new Int32Array(256);

  constructor(spec: BpeSpec, isBytes: boolean, fail: Fail) {
    this.#vocabulary = spec.vocabulary();
    this.#symbols = new Symbols(this.#vocabulary, spec.fallback, fail);
    this.#takesWhole = spec.kind === 'bpe' && spec.takesWhole;
    this.#isBytes = isBytes;
    this.#byteSymbols = Int32Array.from(BYTE_CHARACTERS, (text) =>
      isBytes ? this.#symbols.add(text) : 0,
    );
    const rules =
      spec.kind === 'bpe'
        ? rulesOfMerges(spec.merges, this.#symbols)
        : rulesOfScores(spec, this.#symbols);
    this.#merger = new Merger(rules);
    this.#cutsWords =
      !isBytes &&
      !this.#takesWhole &&
      this.#vocabulary.has(PIECE_SPACE) &&
      !this.#symbols.some(reachesOverSpace);
  }

  /** Steps of merging so far: the measure of work. */
  get stepCount(): number {
    return this.#merger.stepCount;
  }

  encode(piece: string, ids: number[]): void {
    if (!this.#cutsWords) return this.#encodeWord(piece, ids);
    let start = 0;
    for (let at = piece.indexOf(PIECE_SPACE, 1); at > 0; at = piece.indexOf(PIECE_SPACE, at + 1)) {
      if (piece.charAt(at - 1) === PIECE_SPACE) continue;
      this.#encodeWord(piece.slice(start, at), ids);
      start = at;
    }
    this.#encodeWord(start === 0 ? piece : piece.slice(start), ids);
  }

  #encodeWord(word: string, ids: number[]): void {
    const known = this.#words.get(word);
    if (known !== undefined) {
      for (let index = 0; index < known.length; index++) ids.push(known[index]!);
      return;
    }
    const fresh: number[] = [];
    this.#merge(word, fresh);
    for (let index = 0; index < fresh.length; index++) ids.push(fresh[index]!);
    this.#words.set(word, fresh);
  }

  #merge(word: string, ids: number[]): void {
    const bytes = this.#isBytes ? TEXT.encode(word) : undefined;
    if (this.#takesWhole) {
      const whole = this.#vocabulary.get(bytes === undefined ? word : alphabetText(bytes));
      if (whole !== undefined) return void ids.push(whole);
    }
    if (bytes !== undefined) return this.#mergeBytes(bytes, ids);
    const strays: string[] = [];
    const symbols = this.#reserve(word.length);
    let count = 0;
    for (const character of word) {
      // A character without a symbol is a stray: a negative number that no rule knows.
      const symbol = this.#symbols.find(character);
      symbols[count++] = symbol ?? -strays.push(character);
    }
    const kept = this.#merger.merge(symbols, count);
    for (let index = 0; index < kept; index++) {
      const symbol = symbols[index]!;
      this.#symbols.push(symbol, ids, symbol < 0 ? strays[-symbol - 1] : undefined);
    }
  }

  #mergeBytes(bytes: Uint8Array, ids: number[]): void {
    const symbols = this.#reserve(bytes.length);
    for (let index = 0; index < bytes.length; index++) {
      symbols[index] = this.#byteSymbols[bytes[index]!]!;
    }
    const kept = this.#merger.merge(symbols, bytes.length);
    for (let index = 0; index < kept; index++) this.#symbols.push(symbols[index]!, ids, undefined);
  }

  #reserve(count: number): Int32Array {
    if (count > 2 ** 16) return new Int32Array(count);
    if (count > this.#scratch.length) this.#scratch = new Int32Array(count * 2);
    return this.#scratch;
  }
}

function alphabetText(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index++) text += BYTE_CHARACTERS[bytes[index]!]!;
  return text;
}

/** Whether a text has a word's beginning behind other characters. */
function reachesOverSpace(text: string): boolean {
  for (let at = text.indexOf(PIECE_SPACE, 1); at > 0; at = text.indexOf(PIECE_SPACE, at + 1)) {
    if (text.charAt(at - 1) !== PIECE_SPACE) return true;
  }
  return false;
}

// ---- rules

/** Merges in their order; of one pair given twice, the last counts. */
function rulesOfMerges(
  merges: readonly (string | readonly [string, string])[],
  symbols: Symbols,
): MergeRules {
  const pairs = new PairTable(merges.length);
  const results = new Int32Array(merges.length);
  merges.forEach((merge, rank) => {
    const space = typeof merge === 'string' ? merge.indexOf(' ', 1) : 0;
    const left = typeof merge === 'string' ? merge.slice(0, space) : merge[0];
    const right = typeof merge === 'string' ? merge.slice(space + 1) : merge[1];
    pairs.set(symbols.add(left), symbols.add(right), rank);
    results[rank] = symbols.add(left + right);
  });
  return { pairs, ranks: Int32Array.from(merges, (_, rank) => rank), results };
}

/** Every way to cut a token in two symbols; the rank is the place of the token's score. */
function rulesOfScores(
  { vocabulary, scores }: Extract<PieceModelSpec, { kind: 'scored' }>,
  symbols: Symbols,
): MergeRules {
  const ids = vocabulary();
  const order = [...new Set([...ids.values()].map((id) => scores[id] ?? 0))].sort((a, b) => b - a);
  const rankOf = new Map(order.map((score, rank) => [score, rank]));
  const pairs = new PairTable(ids.size * 2);
  const ranks: number[] = [];
  const results: number[] = [];
  for (const [text, id] of ids) {
    const rank = rankOf.get(scores[id] ?? 0) ?? 0;
    for (let cut = 1; cut < text.length; cut++) {
      const left = symbolOfHalf(text.slice(0, cut), symbols);
      if (left === undefined) continue;
      const right = symbolOfHalf(text.slice(cut), symbols);
      if (right === undefined) continue;
      pairs.set(left, right, ranks.length);
      ranks.push(rank);
      results.push(id);
    }
  }
  return { pairs, ranks: Int32Array.from(ranks), results: Int32Array.from(results) };
}

/** A half that can come about: a token, or one character. */
function symbolOfHalf(half: string, symbols: Symbols): number | undefined {
  const known = symbols.find(half);
  if (known !== undefined) return known;
  const isOne = half.length === 1 || (half.length === 2 && half.codePointAt(0)! > 0xffff);
  return isOne && half.isWellFormed() ? symbols.add(half) : undefined;
}
