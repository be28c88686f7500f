/**
 * The symbols that merging works on: tokens under their own ids, and texts that are no token (a
 * character outside the vocabulary, a step between two merges) under numbers above all ids.
 */
import type { Fallback, Vocabulary } from './encoder-spec.ts';
import { tooManyCollide } from './probes.ts';
import { TextTable } from './text-table.ts';

const TEXT = new TextEncoder();

export class Symbols {
  /** Texts that no token stands for, so far. */
  droppedCount = 0;
  readonly #table = new TextTable();
  readonly #fallback: Fallback;
  readonly #firstOther: number;
  readonly #otherTexts: string[] = [];
  /** Per byte: its `<0xNN>` token, or -1. */
  readonly #byteIds: Int32Array;

  constructor(vocabulary: Vocabulary, fallback: Fallback) {
    this.#fallback = fallback;
    let largest = -1;
    for (const [text, id] of vocabulary) {
      this.#set(text, id);
      largest = Math.max(largest, id);
    }
    this.#firstOther = largest + 1;
    this.#byteIds = Int32Array.from({ length: 256 }, (_, byte) =>
      this.#table.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
  }

  #set(text: string, symbol: number): void {
    if (!this.#table.set(text, symbol)) throw tooManyCollide();
  }

  /** The symbol of a text, or of a part of it; -1 where it has none. */
  find(text: string, start = 0, end: number = text.length): number {
    return this.#table.get(text, start, end);
  }

  /** The id of a token; -1 where there is none of this text. */
  token(text: string): number {
    const symbol = this.#table.get(text);
    return symbol < this.#firstOther ? symbol : -1;
  }

  /** The symbol of a text, or of a part of it, made if need be. */
  add(text: string, start = 0, end: number = text.length): number {
    const known = this.#table.get(text, start, end);
    return known < 0 ? this.#addOther(text.slice(start, end)) : known;
  }

  /** The symbol of text[start … end - 1] + other[otherStart …], made if need be. */
  addJoined(text: string, start: number, end: number, other: string, otherStart: number): number {
    const known = this.#table.getJoined(text, start, end, other, otherStart);
    return known < 0 ? this.#addOther(text.slice(start, end) + other.slice(otherStart)) : known;
  }

  #addOther(text: string): number {
    const symbol = this.#firstOther + this.#otherTexts.length;
    this.#set(text, symbol);
    this.#otherTexts.push(text);
    return symbol;
  }

  /** Appends the id of a symbol, or what stands for a text that is no token. */
  push(symbol: number, ids: number[], strays: string | undefined): void {
    if (symbol >= 0 && symbol < this.#firstOther) ids.push(symbol);
    else this.#pushOther(strays ?? this.#otherTexts[symbol - this.#firstOther]!, ids);
  }

  /** Appends what stands for a text that is no token: bytes, or one unknown token for all of it. */
  pushText(text: string, ids: number[]): void {
    const known = this.token(text);
    if (known >= 0) ids.push(known);
    else if (!this.#pushBytes(text, ids)) this.#pushUnknown(ids);
  }

  #pushOther(text: string, ids: number[]): void {
    for (const character of text) this.pushText(character, ids);
  }

  #pushBytes(text: string, ids: number[]): boolean {
    if (!this.#fallback.usesBytes) return false;
    const bytes = TEXT.encode(text);
    if (bytes.some((byte) => this.#byteIds[byte]! < 0)) return false;
    for (let index = 0; index < bytes.length; index++) ids.push(this.#byteIds[bytes[index]!]!);
    return true;
  }

  /** Appends the unknown token; without one, the text is left out, as other readers do. */
  #pushUnknown(ids: number[]): void {
    const { unknown, fusesUnknown } = this.#fallback;
    if (unknown === undefined) this.droppedCount++;
    else if (!fusesUnknown || ids.at(-1) !== unknown) ids.push(unknown);
  }
}
