/**
 * Byte-pair encoding of pieces: symbols, merges, and a bounded memory of words met before.
 *
 * `bytes` makes symbols of UTF-8 bytes (their alphabet: byte-level.ts), otherwise of
 * characters. Memory: the rules take 20 bytes a merge; the words remembered are bounded in count
 * and length.
 *
 * Source: GPT-2's encoder; SentencePiece's bpe_model for scores.
 */
import { BYTE_CHARACTERS } from './byte-level.ts';
import {
  cutMerge,
  pairOfMerge,
  PIECE_SPACE,
  type Merge,
  type PieceModel,
  type PieceModelSpec,
  type Vocabulary,
} from './encoder-spec.ts';
import { Merger, type MergeRules } from './merger.ts';
import { PairTable } from './pair-table.ts';
import { Symbols } from './symbols.ts';
import { WordMemory } from './word-memory.ts';

type BpeSpec = Extract<PieceModelSpec, { kind: 'bpe' | 'scored' }>;

const TEXT = new TextEncoder();

export class BpeModel implements PieceModel {
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

  constructor(spec: BpeSpec, isBytes: boolean) {
    const vocabulary = spec.vocabulary();
    this.#symbols = new Symbols(vocabulary, spec.fallback);
    this.#takesWhole = spec.kind === 'bpe' && spec.takesWhole;
    this.#isBytes = isBytes;
    this.#byteSymbols = Int32Array.from(BYTE_CHARACTERS, (text) =>
      isBytes ? this.#symbols.add(text) : 0,
    );
    const rules =
      spec.kind === 'bpe'
        ? rulesOfMerges(spec.merges, this.#symbols)
        : rulesOfScores(vocabulary, spec.scores, this.#symbols);
    this.#merger = new Merger(rules);
    this.#cutsWords =
      !isBytes &&
      !this.#takesWhole &&
      this.#symbols.token(PIECE_SPACE) >= 0 &&
      !vocabulary.some(([text]) => reachesOverSpace(text)) &&
      !(spec.kind === 'bpe' && spec.merges.some(mergesOverSpace));
  }

  /** Steps of merging so far: the measure of work. */
  get stepCount(): number {
    return this.#merger.stepCount;
  }

  get droppedCount(): number {
    return this.#symbols.droppedCount;
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
    if (this.#words.push(word, ids)) return;
    // Apart, as unknown tokens are joined inside a word and not before it.
    const fresh: number[] = [];
    const { droppedCount } = this.#symbols;
    this.#merge(word, fresh);
    for (let index = 0; index < fresh.length; index++) ids.push(fresh[index]!);
    if (this.#symbols.droppedCount === droppedCount) this.#words.add(word, fresh, 0);
  }

  #merge(word: string, ids: number[]): void {
    const bytes = this.#isBytes ? TEXT.encode(word) : undefined;
    if (this.#takesWhole) {
      const whole = this.#symbols.token(bytes === undefined ? word : alphabetText(bytes));
      if (whole >= 0) return void ids.push(whole);
    }
    if (bytes !== undefined) return this.#mergeBytes(bytes, ids);
    const strays: string[] = [];
    const symbols = this.#reserve(word.length);
    let count = 0;
    for (const character of word) {
      // A character without a symbol is a stray: a negative number that no rule knows.
      const symbol = this.#symbols.find(character);
      symbols[count++] = symbol < 0 ? -strays.push(character) : symbol;
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
function rulesOfMerges(merges: readonly Merge[], symbols: Symbols): MergeRules {
  const pairs = new PairTable(merges.length);
  const results = new Int32Array(merges.length);
  merges.forEach((merge, rank) => {
    // "left right", or both apart.
    const isOne = typeof merge === 'string';
    const [left, right] = isOne ? [merge, merge] : merge;
    const end = isOne ? cutMerge(merge) : left.length;
    const start = isOne ? end + 1 : 0;
    pairs.set(symbols.add(left, 0, end), symbols.add(right, start), rank);
    results[rank] = symbols.addJoined(left, 0, end, right, start);
  });
  return { pairs, ranks: Int32Array.from(merges, (_, rank) => rank), results };
}

/** Whether a merge makes a text with a word's beginning behind other characters. */
function mergesOverSpace(merge: Merge): boolean {
  return reachesOverSpace(pairOfMerge(merge).join(''));
}

/** Every way to cut a token in two symbols; the rank is the place of the token's score. */
function rulesOfScores(
  vocabulary: Vocabulary,
  scores: readonly number[],
  symbols: Symbols,
): MergeRules {
  const order = [...new Set(vocabulary.map(([, id]) => scores[id] ?? 0))].sort((a, b) => b - a);
  const rankOf = new Map(order.map((score, rank) => [score, rank]));
  const pairs = new PairTable(vocabulary.length * 2);
  const ranks: number[] = [];
  const results: number[] = [];
  for (const [text, id] of vocabulary) {
    const rank = rankOf.get(scores[id] ?? 0) ?? 0;
    for (let cut = 1; cut < text.length; cut++) {
      const left = symbolOfPart(symbols, text, 0, cut);
      if (left < 0) continue;
      const right = symbolOfPart(symbols, text, cut, text.length);
      if (right < 0) continue;
      pairs.set(left, right, ranks.length);
      ranks.push(rank);
      results.push(id);
    }
  }
  return { pairs, ranks: Int32Array.from(ranks), results: Int32Array.from(results) };
}

/** The symbol of a part that can come about: a token, or one character; otherwise -1. */
function symbolOfPart(symbols: Symbols, text: string, start: number, end: number): number {
  const known = symbols.find(text, start, end);
  if (known >= 0 || end - start > 2) return known;
  const part = text.slice(start, end);
  const isOne = part.isWellFormed() && part.length === (part.codePointAt(0)! > 0xffff ? 2 : 1);
  return isOne ? symbols.add(part) : -1;
}
