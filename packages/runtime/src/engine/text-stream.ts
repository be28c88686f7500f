/**
 * Turns tokens into text as they come, never taking anything back.
 *
 *     tokens → bytes → whole characters → stop matcher → text
 *
 * ASCII, as most tokens of most texts are, passes the decoder by, whose call takes 25 µs where the
 * caches hold nothing of it (docs/lab-log.md, "What does a token cost between two steps").
 *
 * Held back are the bytes of an unfinished character, and text that may be the beginning of a stop
 * string. Bytes that are no UTF-8 become U+FFFD. The stream ends at the first place where any stop
 * string is complete (the longest, if several end there), so the text does not depend on how the
 * tokens cut it. Each stop string is followed by its own automaton: work per character is constant.
 *
 * Source: Knuth, Morris, Pratt 1977, "Fast Pattern Matching in Strings".
 */
import { assert } from '@wafer/core';

/** Bytes from here on are parts of longer characters, or none. */
const ASCII_END = 0x80;

/** One stop string and how much of it the text's end matches. */
interface Matcher {
  readonly pattern: string;
  /** For each prefix, the length of its longest proper border. */
  readonly borders: Int32Array;
  matchedLength: number;
}

export class TextStream {
  readonly #decodeToken: (token: number) => Uint8Array;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The decoder may hold the beginning of a character. */
  #isInCharacter = false;
  readonly #matchers: readonly Matcher[];
  /** Text not handed out yet, and its length. In pieces: joining each time would be quadratic. */
  #pieces: string[] = [];
  #firstPiece = 0;
  #heldLength = 0;
  #stopString: string | undefined;
  #isFinished = false;

  constructor(decodeToken: (token: number) => Uint8Array, stopStrings: readonly string[] = []) {
    this.#decodeToken = decodeToken;
    this.#matchers = stopStrings.map((pattern) => {
      // A lone surrogate would match half a character.
      assert(pattern !== '' && pattern.isWellFormed(), 'stop strings are text', { pattern });
      return { pattern, borders: bordersOf(pattern), matchedLength: 0 };
    });
  }

  /** The text is complete: a stop string was met. */
  get isStopped(): boolean {
    return this.#stopString !== undefined;
  }

  /** The stop string that was met. */
  get stopString(): string | undefined {
    return this.#stopString;
  }

  /** Takes a token and returns the text that is certain now, often '' or more than one token's. */
  push(token: number): string {
    assert(!this.#isFinished, 'no token follows the end of a stream');
    if (this.isStopped) return '';
    return this.#advance(this.#decode(this.#decodeToken(token)));
  }

  /** Ends the stream and returns what was held back. */
  finish(): string {
    if (this.#isFinished || this.isStopped) return '';
    this.#isFinished = true;
    const text = this.#advance(this.#decoder.decode());
    return this.isStopped ? text : text + this.#take(this.#heldLength);
  }

  /** Characters that are whole with these bytes. */
  #decode(bytes: Uint8Array): string {
    const text = this.#isInCharacter ? undefined : asciiText(bytes);
    if (text !== undefined) return text;
    if (bytes.length > 0) this.#isInCharacter = bytes.at(-1)! >= ASCII_END;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Runs fresh text through the matchers; returns what no stop string can reach any more. */
  #advance(fresh: string): string {
    if (fresh === '' || this.#matchers.length === 0) return fresh;
    this.#pieces.push(fresh);
    const lengthBefore = this.#heldLength;
    this.#heldLength += fresh.length;
    for (let i = 0; i < fresh.length; i++) {
      const stop = this.#step(fresh.charCodeAt(i));
      if (stop === undefined) continue;
      this.#stopString = stop;
      const text = this.#take(lengthBefore + i + 1 - stop.length);
      this.#pieces = [];
      this.#firstPiece = 0;
      this.#heldLength = 0;
      return text;
    }
    let openLength = 0; // the longest beginning of a stop string at the text's end
    for (const matcher of this.#matchers) openLength = Math.max(openLength, matcher.matchedLength);
    return this.#take(this.#heldLength - openLength);
  }

  /** Moves every matcher by one unit; returns the longest stop string that it completes. */
  #step(unit: number): string | undefined {
    let stop: string | undefined;
    for (const matcher of this.#matchers) {
      const { pattern, borders } = matcher;
      let length = matcher.matchedLength;
      while (length > 0 && pattern.charCodeAt(length) !== unit) length = borders[length - 1]!;
      if (pattern.charCodeAt(length) === unit) length++;
      matcher.matchedLength = length;
      if (length === pattern.length && length > (stop?.length ?? 0)) stop = pattern;
    }
    return stop;
  }

  /** Takes `length` units from the front of what is held. */
  #take(length: number): string {
    let text = '';
    while (text.length < length) {
      const piece = this.#pieces[this.#firstPiece]!;
      const missing = length - text.length;
      if (piece.length <= missing) {
        text += piece;
        this.#firstPiece++;
      } else {
        text += piece.slice(0, missing);
        this.#pieces[this.#firstPiece] = piece.slice(missing);
      }
    }
    this.#heldLength -= length;
    // Dropping the taken half costs no more than taking it did.
    if (this.#firstPiece * 2 >= this.#pieces.length) {
      this.#pieces.splice(0, this.#firstPiece);
      this.#firstPiece = 0;
    }
    return text;
  }
}

/** Text of bytes that are ASCII; undefined of others. */
function asciiText(bytes: Uint8Array): string | undefined {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte >= ASCII_END) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** borders[i]: how long a proper prefix of the pattern ends its first i + 1 units. */
function bordersOf(pattern: string): Int32Array {
  const borders = new Int32Array(pattern.length);
  let length = 0;
  for (let i = 1; i < pattern.length; i++) {
    while (length > 0 && pattern[i] !== pattern[length]) length = borders[length - 1]!;
    if (pattern[i] === pattern[length]) length++;
    borders[i] = length;
  }
  return borders;
}
