/**
 * The tokenizer in a GGUF file's metadata.
 *
 *     gpt2    byte-level BPE: tokens, merges, and the name of the pre-tokenizer's expression
 *     llama   SentencePiece BPE: tokens and scores, from which merging follows
 *     t5      SentencePiece unigram: tokens and scores, a map of characters
 *
 * Source: ggml, docs/gguf.md; llama.cpp for what its keys mean.
 */
import { WaferError } from '@wafer/core';
import { checkTokenTexts, isMarkerText } from '@wafer/text';
import type { AddedToken } from '@wafer/text';
import type { Fields } from '../source/fields.ts';
import { GgufTokenizer } from './gguf-tokenizer-json.ts';
import {
  bytePartsOf,
  scoredPartsOf,
  TOKEN_TYPE,
  unigramPartsOf,
  type GgufVocabulary,
  type Parts,
} from './gguf-tokenizer-parts.ts';
import type { GgufHead } from '../gguf/gguf.ts';
import { keyedSpecial, specialOf } from './gguf-special.ts';
import type { Model } from '../source/source.ts';

type Fail = (reason: string) => WaferError;
type Special = Model['special'];

/** Reads the tokenizer of a file, if it has one. Throws: TOKENIZER_INVALID. */
export function tokenizerOfGguf(
  head: GgufHead,
  fields: Fields,
  vocabCount: number,
): Pick<Model, 'tokenizer' | 'special'> {
  const fail: Fail = (reason) => new WaferError('TOKENIZER_INVALID', { path: head.path, reason });
  const kind = fields.string('tokenizer.ggml.model', 'no_vocab');
  const tokens = head.strings('tokenizer.ggml.tokens');
  if (tokens === undefined || kind === 'no_vocab' || kind === 'none') {
    return { tokenizer: undefined, special: keyedSpecial(fields, vocabCount) };
  }
  // Fewer are sound: rows of the embedding behind the last token are padding.
  if (tokens.length > vocabCount) {
    throw fail(`it has ${tokens.length} tokens, the embedding ${vocabCount} rows`);
  }
  checkTokenTexts(tokens, fail);
  const types = head.numbers('tokenizer.ggml.token_type') ?? tokens.map(() => TOKEN_TYPE.normal);
  if (types.length < tokens.length) throw fail(`it has ${types.length} token types`);
  const { special, frame } = specialOf(head, fields, kind, { tokens, types });
  const added = addedOf({ tokens, types }, special);
  const specialIds = new Set(added.flatMap(({ id, isSpecial }) => (isSpecial ? id : [])));
  const vocabulary: GgufVocabulary = { tokens, types, special: specialIds };
  const parts = partsOf(head, fields, kind, vocabulary, fail);
  const textOf = (id: number | undefined): string | null =>
    id === undefined ? null : (tokens[id] ?? null);
  const template = templatesOf(head, fields);
  const tokenizer = new GgufTokenizer({
    facts: {
      contents: new Map(tokens.entries()),
      baseCount: tokens.length,
      special: specialIds,
      added: new Set(added.map(({ id }) => id)),
      kind: parts.isBytes ? 'bytes' : 'pieces',
      dropsFirstSpace: parts.dropsFirstSpace,
      ...special,
      frame,
      encoder: { ...parts.encoder, added },
    },
    tokens,
    tokenizerConfig: {
      bos_token: textOf(special.begin),
      eos_token: textOf(special.ends[0]),
      add_bos_token: frame.before.length > 0,
      add_eos_token: frame.after.length > 0,
      ...(template === undefined ? {} : { chat_template: template }),
    },
  });
  return { tokenizer, special };
}

/** The template, or a list of named ones where the file has further ones, such as tool_use. */
function templatesOf(head: GgufHead, fields: Fields): unknown {
  const key = 'tokenizer.chat_template';
  const textOf = (name: string): string | undefined => {
    const text = fields.get(name);
    return typeof text === 'string' ? text : undefined;
  };
  const usual = textOf(key);
  const names = fields.has(`${key}s`) ? (head.strings(`${key}s`) ?? []) : [];
  const named = names.flatMap((name) => {
    const template = textOf(`${key}.${name}`);
    return template === undefined ? [] : [{ name, template }];
  });
  return named.length === 0 ? usual : [{ name: 'default', template: usual }, ...named];
}

function partsOf(
  head: GgufHead,
  fields: Fields,
  kind: string,
  vocabulary: GgufVocabulary,
  fail: Fail,
): Parts {
  if (['gpt2', 'gemma4', 'whitespace'].includes(kind))
    return bytePartsOf(head, fields, vocabulary, fail);
  if (kind === 'llama') return scoredPartsOf(head, fields, vocabulary, fail);
  if (kind === 't5') return unigramPartsOf(head, fields, vocabulary, fail);
  const name = kind.slice(0, 32);
  if (kind === 'bert') throw fail(`its kind is ${name}, WordPiece of models that embed texts`);
  throw fail(`its kind is ${name}; known are gpt2, gemma4, llama, t5`);
}

// ---- added tokens

function addedOf(
  { tokens, types }: Pick<GgufVocabulary, 'tokens' | 'types'>,
  special: Special,
): AddedToken[] {
  const added: AddedToken[] = [];
  tokens.forEach((content, id) => {
    const type = types[id];
    if (type === TOKEN_TYPE.normal) return;
    const isUserDefined = type === TOKEN_TYPE.userDefined;
    // Some files mark their begin or end token as user-defined: a prompt could contain it.
    const isEdge = id === special.begin || special.ends.includes(id);
    const isMarker = isUserDefined && (isEdge || isMarkerText(content));
    const isSpecial = isMarker || type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown;
    if (content === '' || (!isSpecial && !isUserDefined)) return;
    const plain = { isNormalized: false, stripsLeft: false, stripsRight: false, isWord: false };
    added.push({ id, content, isSpecial, ...plain });
  });
  return added;
}
