/**
 * Text to token ids and back, on `@huggingface/tokenizers`.
 *
 * User text never makes a special token: the encoder for it does not know them. Decoding is one
 * token at a time and gives bytes, as a character may be cut by tokens; a generated continuation
 * keeps its leading space, so prompt and continuation join as they are.
 */
import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { WaferError } from '@wafer/core';
import { bytesOfToken } from './byte-level.ts';
import { reasonOf } from './files.ts';
import type { TokenizerDescription } from './source.ts';
import { PIECE_SPACE, readTokenizerFacts, type TokenizerFacts } from './tokenizer-json.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
const TEXT = new TextEncoder();
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/** Tokenizers that were made, by their descriptions: a large one takes half a second. */
const made = new WeakMap<TokenizerDescription, Tokenizer>();

export interface EncodeOptions {
  /** Puts the begin token first; as the model's files say unless given. */
  addBegin?: boolean;
  /** Lets the text of a special token (`</s>`) stand for it; false unless given. */
  allowSpecial?: boolean;
}

export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabCount: number;
  /** The same without added tokens, some of which models have no row for. */
  readonly baseCount: number;
  readonly begin: number | undefined;
  /** Whether a text begins with `begin` unless the caller says otherwise. */
  readonly addBegin: boolean;
  readonly ends: readonly number[];
  /** Tokens that no plain text makes: id by text. */
  readonly special: ReadonlyMap<string, number>;
  /** Throws: TOKENIZER_INVALID where the vocabulary cannot express the text. */
  encode(text: string, options?: EncodeOptions): number[];
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
  readonly ends: readonly number[];
  readonly special: ReadonlyMap<string, number>;
  readonly #facts: TokenizerFacts;
  readonly #plain: Encoder;
  #full: Encoder | undefined;
  readonly #fail: (reason: string) => WaferError;

  constructor(description: TokenizerDescription, path: string) {
    this.#fail = (reason) => new WaferError('TOKENIZER_INVALID', { path, reason });
    this.#facts = readTokenizerFacts(description, this.#fail);
    this.baseCount = this.#facts.baseCount;
    this.begin = this.#facts.begin;
    this.addBegin = this.#facts.addBegin;
    this.ends = this.#facts.ends;
    const { special, contents } = this.#facts;
    this.special = new Map([...special].map((id) => [contents.get(id) ?? '', id]));
    let largest = -1;
    for (const id of this.#facts.contents.keys()) largest = Math.max(largest, id);
    this.vocabCount = largest + 1;
    this.#plain = this.#makeEncoder(withoutSpecial(this.#facts));
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    const { addBegin = this.addBegin, allowSpecial = false } = options;
    if (allowSpecial) this.#full ??= this.#makeEncoder(this.#facts.json);
    const encoder = allowSpecial && this.#full !== undefined ? this.#full : this.#plain;
    const ids = this.#run(encoder, text);
    return addBegin && this.begin !== undefined ? [this.begin, ...ids] : ids;
  }

  decodeToken(id: number): Uint8Array {
    return bytesOf(this.#facts, id);
  }

  decode(ids: Iterable<number>): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';
    for (const id of ids) text += decoder.decode(this.decodeToken(id), { stream: true });
    text += decoder.decode();
    return this.#facts.dropsFirstSpace && text.startsWith(' ') ? text.slice(1) : text;
  }

  #makeEncoder(json: Record<string, unknown>): Encoder {
    // Begin tokens are added and tokens decoded here: both parts are left out.
    const parts = {
      normalizer: null,
      pre_tokenizer: null,
      added_tokens: [],
      ...json,
      post_processor: null,
      decoder: null,
    };
    try {
      return new Encoder(parts, this.#facts.config);
    } catch (error) {
      throw this.#fail(reasonOf(error));
    }
  }

  #run(encoder: Encoder, text: string): number[] {
    let ids: (number | undefined)[];
    try {
      // A lone surrogate is no character: it becomes the replacement character before it is cut.
      ids = encoder.encode(text.toWellFormed(), { add_special_tokens: false }).ids;
    } catch (error) {
      throw this.#fail(`it cannot encode a text: ${reasonOf(error)}`);
    }
    return ids.map((id) => {
      if (id === undefined) throw this.#fail('it has no token for a part of the text');
      return id;
    });
  }
}

/** The tokenizer.json that knows no special token, so that no text can make one. */
function withoutSpecial({ json, special, contents }: TokenizerFacts): Record<string, unknown> {
  if (special.size === 0) return json;
  const list = (json['added_tokens'] ?? []) as { id: number }[];
  return {
    ...json,
    added_tokens: list.filter(({ id }) => !special.has(id)),
    model: modelWithout(json['model'] as Record<string, unknown>, special, contents),
  };
}

function modelWithout(
  model: Record<string, unknown>,
  special: ReadonlySet<number>,
  contents: ReadonlyMap<number, string>,
): Record<string, unknown> {
  const { vocab, unk_token: unknown, unk_id: unknownId } = model;
  if (Array.isArray(vocab)) {
    // Ids are places in the list: an entry stays, under a name that no text has.
    const rename = (entry: [string, number], id: number): unknown =>
      special.has(id) && id !== unknownId ? [`\0special ${id}`, entry[1]] : entry;
    return { ...model, vocab: (vocab as [string, number][]).map(rename) };
  }
  const ids = vocab as Record<string, number>;
  const isInside = [...special].some((id) => Object.hasOwn(ids, contents.get(id) ?? ''));
  if (!isInside) return model;
  const kept = { ...ids };
  for (const id of special) {
    const text = contents.get(id) ?? '';
    if (Object.hasOwn(ids, text) && ids[text] === id && text !== unknown) delete kept[text];
  }
  return { ...model, vocab: kept };
}

function bytesOf(facts: TokenizerFacts, id: number): Uint8Array {
  const content = facts.contents.get(id);
  if (content === undefined || facts.special.has(id)) return NO_BYTES;
  if (facts.kind === 'bytes' && !facts.added.has(id)) return bytesOfToken(content);
  if (facts.kind !== 'pieces') return TEXT.encode(content);
  const byte = BYTE_TOKEN.exec(content)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return TEXT.encode(content.replaceAll(PIECE_SPACE, ' '));
}
