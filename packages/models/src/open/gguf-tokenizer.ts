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
import { ADDS_BEGIN, checkTokenTexts, isMarkerText } from '@wafer/text';
import type { AddedToken, EncoderSpec } from '@wafer/text';
import type { Fields } from '../source/fields.ts';
import { GgufTokenizer } from './gguf-tokenizer-json.ts';
import {
  bytePartsOf,
  scoredPartsOf,
  TOKEN_TYPE,
  unigramPartsOf,
  type GgufVocabulary,
} from './gguf-tokenizer-parts.ts';
import type { GgufHead } from '../gguf/gguf.ts';
import type { Model } from '../source/source.ts';

/** Texts of control or user-defined tokens that end a turn in files that name none by key. */
const END_TEXTS: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  '</s>',
  '<eos>',
  '<end_of_turn>',
  '<｜end▁of▁sentence｜>',
  // GPT-OSS: the end of an answer and of a call; GLM: whose turn comes next.
  '<|return|>',
  '<|call|>',
  '<|user|>',
  '<|observation|>',
]);

/** Where answers consist of messages, this ends one of them, whatever the file's keys say. */
const MESSAGE_END = { text: '<|end|>', beside: ['<|return|>', '<|call|>'] };

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
  const special = keyedSpecial(fields, kind, vocabCount);
  if (tokens === undefined || kind === 'no_vocab' || kind === 'none') {
    return { tokenizer: undefined, special };
  }
  if (tokens.length !== vocabCount) {
    throw fail(`it has ${tokens.length} tokens, the model ${vocabCount}`);
  }
  checkTokenTexts(tokens, fail);
  const types = head.numbers('tokenizer.ggml.token_type') ?? tokens.map(() => TOKEN_TYPE.normal);
  if (types.length !== tokens.length) throw fail(`it has ${types.length} token types`);
  special.ends = allEnds(special.ends, { tokens, types });
  const added = addedOf({ tokens, types }, special);
  const specialIds = new Set(added.flatMap(({ id, isSpecial }) => (isSpecial ? id : [])));
  const vocabulary: GgufVocabulary = { tokens, types, special: specialIds };
  const parts = partsOf(head, fields, kind, vocabulary, fail);
  const textOf = (id: number | undefined): string | null =>
    id === undefined ? null : (tokens[id] ?? null);
  const template = fields.get('tokenizer.chat_template');
  const tokenizer = new GgufTokenizer({
    facts: {
      contents: new Map(tokens.map((token, id) => [id, token])),
      baseCount: tokens.length,
      special: specialIds,
      added: new Set(added.map(({ id }) => id)),
      kind: kind === 'gpt2' ? 'bytes' : 'pieces',
      dropsFirstSpace: parts.dropsFirstSpace,
      ...special,
      encoder: { ...parts.encoder, added },
    },
    tokens,
    tokenizerConfig: {
      bos_token: textOf(special.begin),
      eos_token: textOf(special.ends[0]),
      add_bos_token: special.addBegin,
      ...(typeof template === 'string' ? { chat_template: template } : {}),
    },
  });
  return { tokenizer, special };
}

function partsOf(
  head: GgufHead,
  fields: Fields,
  kind: string,
  vocabulary: GgufVocabulary,
  fail: Fail,
): { encoder: Omit<EncoderSpec, 'added'>; dropsFirstSpace: boolean } {
  if (kind === 'gpt2') return bytePartsOf(head, fields, vocabulary, fail);
  if (kind === 'llama') return scoredPartsOf(head, fields, vocabulary, fail);
  if (kind === 't5') return unigramPartsOf(head, fields, vocabulary, fail);
  throw fail(`its kind is ${kind.slice(0, 32)}; known are gpt2, llama, t5`);
}

// ---- special tokens

function keyedSpecial(fields: Fields, kind: string, vocabCount: number): Special {
  const begin = idOf(fields, 'tokenizer.ggml.bos_token_id', vocabCount);
  const ends = ['eos', 'eot', 'eom'].map((name) =>
    idOf(fields, `tokenizer.ggml.${name}_token_id`, vocabCount),
  );
  const pre = fields.string('tokenizer.ggml.pre', 'default');
  const usual = kind === 'llama' || (kind === 'gpt2' && ADDS_BEGIN.has(pre));
  return {
    begin,
    addBegin: begin !== undefined && fields.boolean('tokenizer.ggml.add_bos_token', usual),
    ends: ends.filter((id) => id !== undefined),
  };
}

/** The end tokens that keys name, and those that are known by their text. */
function allEnds(
  keyed: readonly number[],
  { tokens, types }: Pick<GgufVocabulary, 'tokens' | 'types'>,
): number[] {
  const ends = [...keyed];
  tokens.forEach((token, id) => {
    const canEnd = types[id] === TOKEN_TYPE.control || types[id] === TOKEN_TYPE.userDefined;
    if (canEnd && END_TEXTS.has(token)) ends.push(id);
  });
  const isMessageEnd = (id: number): boolean =>
    tokens[id] === MESSAGE_END.text && MESSAGE_END.beside.every((text) => tokens.includes(text));
  return [...new Set(ends)].filter((id) => !isMessageEnd(id));
}

function idOf(fields: Fields, name: string, vocabCount: number): number | undefined {
  if (!fields.has(name)) return undefined;
  const id = fields.integer(name, { min: -1, max: 2 ** 32 - 1 });
  return id >= 0 && id < vocabCount ? id : undefined;
}

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
