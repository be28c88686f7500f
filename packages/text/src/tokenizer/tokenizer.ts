/**
 * Text to token ids and back.
 *
 * User text never makes a special token: the model inside the encoder does not know them. Decoding
 * is one token at a time and gives bytes, as a character may be cut by tokens; a generated
 * continuation keeps its leading space, so prompt and continuation join as they are.
 */
import { WaferError } from '@wafer/core';
import { PIECE_SPACE } from '../encode/encoder-spec.ts';
import { Encoder } from '../encode/encoder.ts';
import { bytesOfToken } from '../encode/byte-level.ts';
import type { TextFrame, TokenizerDescription, TokenizerFacts } from './tokenizer-facts.ts';
import { readTokenizerFacts } from './tokenizer-json.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
const TEXT = new TextEncoder();
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
const BYTE_TOKEN_LENGTH = 6;
const PIECE_SPACE_CODE = PIECE_SPACE.charCodeAt(0);
const SPACE_CODE = 0x20;

/** Tokenizers that were made, by their descriptions: a large one takes half a second. */
const made = new WeakMap<TokenizerDescription, Tokenizer>();

/** How a text becomes tokens. */
export interface EncodeOptions {
  /**
   * Puts the tokenizer's special tokens around the text, at least the begin token; as the model's
   * files say unless given.
   */
  addBegin?: boolean;
  /** Lets the text of a special token (`</s>`) stand for it; false unless given. */
  allowSpecial?: boolean;
  /**
   * Stops soon behind so many ids: more of them come back, and not all. Default: no limit.
   */
  tokensMax?: number;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabCount: number;
  /** The same without added tokens, some of which models have no row for. */
  readonly baseCount: number;
  readonly begin: number | undefined;
  /** Whether a text is put into `frame` unless the caller says otherwise. */
  readonly addBegin: boolean;
  /** Special tokens before and behind a text: `<s>`, or `[gMASK]` and `<sop>`. */
  readonly frame: TextFrame;
  readonly ends: readonly number[];
  /** Tokens that no plain text makes: id by text. */
  readonly special: ReadonlyMap<string, number>;
  /**
   * What no token stands for is left out, as everywhere. Throws: TOKENIZER_INVALID where nothing is
   * left of a text.
   */
  encode(text: string, options?: EncodeOptions): number[];
  /**
   * At least so many ids has any text of `length` UTF-16 units; 0 where nothing can be said without
   * reading it, as text may be dropped.
   */
  leastCount(length: number): number;
  /** Bytes of one token; none for special tokens and for ids without a text. */
  decodeToken(id: number): Uint8Array;
  /** The text of a whole sequence, without the space that stands before its first word. */
  decode(ids: Iterable<number>): string;
}

/** Makes a tokenizer, once per description. Throws: TOKENIZER_INVALID. */
export function createTokenizer(description: TokenizerDescription, path = 'the model'): Tokenizer {
  const known = made.get(description);
  if (known !== undefined) return known;
  const tokenizer = new JsonTokenizer(description, path);
  made.set(description, tokenizer);
  return tokenizer;
}

class JsonTokenizer implements Tokenizer {
  readonly vocabCount: number;
  readonly baseCount: number;
  readonly begin: number | undefined;
  readonly addBegin: boolean;
  readonly frame: TextFrame;
  readonly ends: readonly number[];
  readonly special: ReadonlyMap<string, number>;
  readonly #facts: TokenizerFacts;
  readonly #encoder: Encoder;

  constructor(description: TokenizerDescription, path: string) {
    const fail = (reason: string): WaferError =>
      new WaferError('TOKENIZER_INVALID', { path, reason });
    this.#facts = description.facts ?? readTokenizerFacts(description, fail);
    this.baseCount = this.#facts.baseCount;
    this.begin = this.#facts.begin;
    this.addBegin = this.#facts.addBegin;
    this.frame = this.#facts.frame;
    this.ends = this.#facts.ends;
    const { special, contents } = this.#facts;
    this.special = new Map([...special].map((id) => [contents.get(id) ?? '', id]));
    let largest = -1;
    for (const id of this.#facts.contents.keys()) largest = Math.max(largest, id);
    this.vocabCount = largest + 1;
    this.#encoder = new Encoder(this.#facts.encoder, fail);
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    const { addBegin = this.addBegin, allowSpecial = false, tokensMax = Infinity } = options;
    // A lone surrogate is no character: it becomes the replacement character before it is cut.
    const ids = this.#encoder.encode(text.toWellFormed(), { allowSpecial, tokensMax });
    if (!addBegin) return ids;
    const { before, after } = this.frame;
    const isBare = before.length + after.length === 0;
    const begin = isBare && this.begin !== undefined ? [this.begin] : before;
    return [...begin, ...ids, ...after];
  }

  leastCount(length: number): number {
    return this.#encoder.leastCount(length);
  }

  decodeToken(id: number): Uint8Array {
    return bytesOf(this.#facts, id);
  }

  decode(ids: Iterable<number>): string {
    // Tokens end within characters: bytes are put together before they are read, and all at once.
    let bytes = new Uint8Array(1024);
    let length = 0;
    for (const id of ids) {
      const token = this.decodeToken(id);
      if (length + token.length > bytes.length) {
        const grown = new Uint8Array(2 * (length + token.length));
        grown.set(bytes.subarray(0, length));
        bytes = grown;
      }
      bytes.set(token, length);
      length += token.length;
    }
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length));
    return this.#facts.dropsFirstSpace && text.startsWith(' ') ? text.slice(1) : text;
  }
}

function bytesOf(facts: TokenizerFacts, id: number): Uint8Array {
  const content = facts.contents.get(id);
  if (content === undefined || facts.special.has(id)) return NO_BYTES;
  if (facts.kind === 'bytes' && !facts.added.has(id)) return bytesOfToken(content);
  if (facts.kind !== 'pieces') return TEXT.encode(content);
  if (content.length === BYTE_TOKEN_LENGTH) {
    const byte = BYTE_TOKEN.exec(content)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  }
  return bytesOfPiece(content);
}

/** Most pieces are ASCII: reading them here takes a third of what a search and an encoder take. */
function bytesOfPiece(piece: string): Uint8Array {
  const bytes = new Uint8Array(piece.length);
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    if (code === PIECE_SPACE_CODE) bytes[i] = SPACE_CODE;
    else if (code < 0x80) bytes[i] = code;
    else return TEXT.encode(piece.replaceAll(PIECE_SPACE, ' '));
  }
  return bytes;
}
