/**
 * The symbols that merging works on: tokens under their own ids, and texts that are no token (a
 * character outside the vocabulary, a step between two merges) under numbers above all ids.
 */
import type { WaferError } from '@wafer/core';
import type { Fallback, Vocabulary } from './encoder-spec.ts';

const TEXT = new TextEncoder();

export class Symbols {
  readonly #ids: Vocabulary;
  readonly #fallback: Fallback;
  readonly #fail: (reason: string) => WaferError;
  readonly #firstOther: number;
  readonly #others = new Map<string, number>();
  readonly #otherTexts: string[] = [];
  readonly #byteIds: readonly (number | undefined)[];

  constructor(ids: Vocabulary, fallback: Fallback, fail: (reason: string) => WaferError) {
    this.#ids = ids;
    this.#fallback = fallback;
    this.#fail = fail;
    let largest = -1;
    for (const id of ids.values()) largest = Math.max(largest, id);
    this.#firstOther = largest + 1;
    this.#byteIds = Array.from({ length: 256 }, (_, byte) => ids.get(byteText(byte)));
  }

  /** The symbol of a text that is a token or was added. */
  find(text: string): number | undefined {
    return this.#ids.get(text) ?? this.#others.get(text);
  }

  /** The symbol of a text, made if need be. */
  add(text: string): number {
    const known = this.find(text);
    if (known !== undefined) return known;
    const symbol = this.#firstOther + this.#otherTexts.length;
    this.#others.set(text, symbol);
    this.#otherTexts.push(text);
    return symbol;
  }

  /** Whether any text with a symbol passes a test. */
  some(test: (text: string) => boolean): boolean {
    for (const text of this.#ids.keys()) if (test(text)) return true;
    return this.#otherTexts.some(test);
  }

  /** Appends the id of a symbol, or what stands for a text that is no token. */
  push(symbol: number, ids: number[], strays: string | undefined): void {
    if (symbol >= 0 && symbol < this.#firstOther) ids.push(symbol);
    else this.#pushOther(strays ?? this.#otherTexts[symbol - this.#firstOther]!, ids);
  }

  /** Appends what stands for a text that is no token: bytes, or one unknown token for all of it. */
  pushText(text: string, ids: number[]): void {
    const known = this.#ids.get(text);
    if (known !== undefined) ids.push(known);
    else if (!this.#pushBytes(text, ids)) this.#pushUnknown(ids);
  }

  #pushOther(text: string, ids: number[]): void {
    for (const character of text) this.pushText(character, ids);
  }

  #pushBytes(text: string, ids: number[]): boolean {
    if (!this.#fallback.usesBytes) return false;
    const bytes = TEXT.encode(text);
    if (bytes.some((byte) => this.#byteIds[byte] === undefined)) return false;
    for (let index = 0; index < bytes.length; index++) ids.push(this.#byteIds[bytes[index]!]!);
    return true;
  }

  /** Appends the unknown token. Throws where there is none. */
  #pushUnknown(ids: number[]): void {
    const { unknown, fusesUnknown } = this.#fallback;
    if (unknown === undefined) throw this.#fail('it has no token for a part of the text');
    if (fusesUnknown && ids.at(-1) === unknown) return;
    ids.push(unknown);
  }
}

function byteText(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}
