/**
 * What a tokenizer.json says, checked: token texts, special tokens, how text becomes tokens and a
 * token bytes, and which token begins a text.
 */
import { isObject } from '@wafer/core';
import type { WaferError } from '@wafer/core';
import { PIECE_SPACE, type AddedToken } from '../encode/encoder-spec.ts';
import { checkTokenTexts } from '../encode/token-limits.ts';
import { readPieceModel, TOKENS_MAX } from './model-json.ts';
import { componentsOf, frameOf, frameOfProcessor } from './text-frame.ts';
import type { TokenKind, TokenizerDescription, TokenizerFacts } from './tokenizer-facts.ts';

type Json = Record<string, unknown>;

const TOKEN_ID_MAX = 2 ** 24;

/** `<|user|>` and its like, which some files fail to call special. */
const MARKER = /^<[|｜][^<>]*[|｜]>$/u;

/** Whether a text looks like a marker of turns: user text must never make such a token. */
export function isMarkerText(text: string): boolean {
  return MARKER.test(text);
}

/** Reads and checks a description. Throws: what `fail` makes of the reason. */
export function readTokenizerFacts(
  description: TokenizerDescription,
  fail: (reason: string) => WaferError,
): TokenizerFacts {
  const { tokenizerJson: json, tokenizerConfig: config } = description;
  if (!isObject(json) || !isObject(config)) throw fail('it is no JSON object');
  if (!isObject(json['model'])) throw fail('it has no model');
  const contents = new Map<number, string>();
  const entries = readVocab(json['model'], fail);
  for (const [content, id] of entries) contents.set(id, content);
  let baseCount = 0;
  for (const id of contents.keys()) baseCount = Math.max(baseCount, id + 1);
  const tokens = readAdded(json['added_tokens'], contents, fail);
  checkTokenTexts([...entries.map(([text]) => text), ...tokens.map((t) => t.content)], fail);
  const added = new Set(tokens.map(({ id }) => id));
  const special = new Set(tokens.flatMap(({ id, isSpecial }) => (isSpecial ? id : [])));
  const idOf = (content: string): number | undefined => lastIdOf(contents, content);
  const decoders = componentsOf(json['decoder'], 'decoders');
  const idOfName = (name: string): number | undefined => {
    const value = config[name];
    const content = isObject(value) ? value['content'] : value;
    return typeof content === 'string' ? idOf(content) : undefined;
  };
  const named = { begin: idOfName('bos_token'), end: idOfName('eos_token') };
  const template = frameOfProcessor(json['post_processor'], { contents, idOf });
  const frame = frameOf(template, named, config);
  const begin = template.before[0] ?? named.begin;
  const { end } = named;
  return {
    contents,
    baseCount,
    special,
    added,
    kind: kindOf(decoders, json['pre_tokenizer']),
    dropsFirstSpace: decoders.some(dropsSpace),
    begin,
    addBegin: frame.before.length + frame.after.length > 0,
    frame,
    ends: end === undefined ? [] : [end],
    encoder: {
      added: tokens,
      normalizer: json['normalizer'] ?? null,
      preTokenizer: json['pre_tokenizer'] ?? null,
      model: readPieceModel(json['model'], entries, special, fail),
    },
  };
}

// ---- vocabulary

function readVocab(model: Json, fail: (reason: string) => WaferError): [string, number][] {
  const { vocab } = model;
  const isList = Array.isArray(vocab);
  if (!isList && !isObject(vocab)) throw fail('its model has no vocab');
  const entries: unknown[][] = isList
    ? vocab.map((entry: unknown, id) => [Array.isArray(entry) ? entry[0] : undefined, id])
    : Object.entries(vocab);
  if (entries.length > TOKENS_MAX) throw fail(`it has ${entries.length} tokens`);
  for (const [content, id] of entries) {
    if (typeof content !== 'string') throw fail(`token ${String(id)} has no text`);
    checkId(id, fail);
  }
  return entries as [string, number][];
}

function readAdded(
  list: unknown,
  contents: Map<number, string>,
  fail: (reason: string) => WaferError,
): AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > TOKENS_MAX) throw fail('its added_tokens are no list');
  return list.map((token: unknown) => {
    const content = isObject(token) ? token['content'] : undefined;
    if (!isObject(token) || typeof content !== 'string') throw fail('an added token has no text');
    const id = checkId(token['id'], fail);
    contents.set(id, content);
    const isSpecial = token['special'] === true || isMarkerText(content);
    return {
      id,
      content,
      isSpecial,
      isNormalized: (token['normalized'] ?? token['special'] !== true) === true,
      stripsLeft: token['lstrip'] === true,
      stripsRight: token['rstrip'] === true,
      isWord: token['single_word'] === true,
    };
  });
}

function checkId(id: unknown, fail: (reason: string) => WaferError): number {
  const isRight = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= TOKEN_ID_MAX;
  if (!isRight) throw fail(`a token has the id ${String(id).slice(0, 32)}`);
  return id;
}

// ---- components

function kindOf(decoders: Json[], preTokenizer: unknown): TokenKind {
  const types = decoders.map((decoder) => decoder['type']);
  if (types.includes('ByteLevel')) return 'bytes';
  const isPieces = decoders.some((decoder) => {
    const { type, pattern } = decoder;
    const isReplace = type === 'Replace' && isObject(pattern) && pattern['String'] === PIECE_SPACE;
    return type === 'ByteFallback' || type === 'Metaspace' || isReplace;
  });
  if (isPieces) return 'pieces';
  const before = componentsOf(preTokenizer, 'pretokenizers').map((component) => component['type']);
  return before.includes('ByteLevel') ? 'bytes' : 'plain';
}

function dropsSpace(decoder: Json): boolean {
  if (decoder['type'] === 'Strip') return decoder['content'] === ' ' && decoder['start'] === 1;
  return (
    decoder['type'] === 'Metaspace' &&
    decoder['add_prefix_space'] !== false &&
    decoder['prepend_scheme'] !== 'never'
  );
}

/** The id of a text; of several, the last. A map of all would cost more than the few look-ups. */
function lastIdOf(contents: ReadonlyMap<number, string>, content: string): number | undefined {
  let found: number | undefined;
  for (const [id, text] of contents) if (text === content) found = id;
  return found;
}
