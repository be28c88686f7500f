/**
 * Unigram pieces: of all ways to cut a text into tokens, the one with the greatest sum of scores.
 *
 *     best[end] = max over tokens that end there of best[start] + score
 *
 * Tokens lie in a trie over code units, so a place costs no more steps than the longest token has.
 * Of equal sums the one whose last token begins first is kept; sums are f64.
 *
 * Source: Kudo 2018, "Subword Regularization" (the best segmentation by Viterbi).
 */
import type { PieceModel, PieceModelSpec } from './encoder-spec.ts';
import { Symbols } from './symbols.ts';
import { Trie } from './trie.ts';

type UnigramSpec = Extract<PieceModelSpec, { kind: 'unigram' }>;

const UNKNOWN = -1;

export class UnigramModel implements PieceModel {
  /** Steps in the trie so far: the measure of work. */
  stepCount = 0;
  readonly #symbols: Symbols;
  readonly #scores: readonly number[];
  readonly #unknownScore: number;
  readonly #trie: Trie;

  constructor(spec: UnigramSpec) {
    const ids = spec.vocabulary();
    this.#symbols = new Symbols(ids, spec.fallback);
    this.#scores = spec.scores;
    this.#unknownScore = spec.unknownScore;
    this.#trie = new Trie(ids.length * 4);
    for (const [text, id] of ids) this.#trie.add(text, id);
  }

  get droppedCount(): number {
    return this.#symbols.droppedCount;
  }

  encode(piece: string, ids: number[]): void {
    const length = piece.length;
    const best = new Float64Array(length + 1).fill(-Infinity);
    const token = new Int32Array(length + 1).fill(UNKNOWN);
    const begin = new Int32Array(length + 1).fill(-1);
    best[0] = 0;
    const offer = (start: number, end: number, id: number, score: number): void => {
      const sum = best[start]! + score;
      if (begin[end]! >= 0 && !(sum > best[end]!)) return;
      best[end] = sum;
      token[end] = id;
      begin[end] = start;
    };
    for (let start = 0, size = 1; start < length; start += size) {
      size = piece.codePointAt(start)! > 0xffff ? 2 : 1;
      let hasOne = false;
      let node = Trie.ROOT;
      for (let end = start; end < length;) {
        node = this.#trie.child(node, piece.charCodeAt(end++));
        this.stepCount++;
        if (node < 0) break;
        const id = this.#trie.valueAt(node);
        if (id < 0) continue;
        if (end === start + size) hasOne = true;
        offer(start, end, id, this.#scores[id] ?? 0);
      }
      if (!hasOne) offer(start, start + size, UNKNOWN, this.#unknownScore);
    }
    this.#collect(piece, { token, begin }, ids);
  }

  /** Follows the best cut back from the end; unknown neighbors are one text. */
  #collect(
    piece: string,
    { token, begin }: { token: Int32Array; begin: Int32Array },
    ids: number[],
  ): void {
    const ends: number[] = [];
    for (let end = piece.length; end > 0; end = begin[end]!) ends.push(end);
    let unknownStart = -1;
    for (let index = ends.length - 1; index >= 0; index--) {
      const end = ends[index]!;
      if (token[end] === UNKNOWN) {
        if (unknownStart < 0) unknownStart = begin[end]!;
        continue;
      }
      if (unknownStart >= 0) this.#symbols.pushText(piece.slice(unknownStart, begin[end]), ids);
      unknownStart = -1;
      ids.push(token[end]!);
    }
    if (unknownStart >= 0) this.#symbols.pushText(piece.slice(unknownStart), ids);
  }
}
