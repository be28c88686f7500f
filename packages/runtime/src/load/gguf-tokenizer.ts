/**
 * The tokenizer in a GGUF file's metadata, as the equivalent tokenizer.json.
 *
 *     gpt2    byte-level BPE: tokens, merges, and the name of the pre-tokenizer's expression
 *     llama   SentencePiece BPE: tokens and scores; merges follow from them
 *
 * Source: ggml, docs/gguf.md; the converters' merge order (score, then lengths, descending).
 */
import { WaferError } from '@wafer/core';
import type { Fields } from './fields.ts';
import type { GgufHead } from './gguf.ts';
import { ADDS_BEGIN, PRE_EXPRESSIONS } from './pre-tokenizers.ts';
import type { Model, TokenizerDescription } from './source.ts';
import { PIECE_SPACE } from '../text/encoder-spec.ts';

/** Token types of the format. */
export const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

/** Limit on Σ length² of the pieces: the work of finding merges; 256k tokens take 2 · 10⁷. */
const MERGE_WORK_MAX = 2e8;

/** Texts of control or user-defined tokens that end a turn in files that name none by key. */
const END_TEXTS: readonly string[] = [
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  // GPT-OSS: the end of an answer and of a call; GLM: whose turn comes next.
  '<|return|>',
  '<|call|>',
  '<|user|>',
  '<|observation|>',
];

/** Where answers consist of messages, this ends one of them, whatever the file's keys say. */
const MESSAGE_END = { text: '<|end|>', beside: ['<|return|>', '<|call|>'] };

type Fail = (reason: string) => WaferError;

interface Vocabulary {
  tokens: string[];
  types: number[];
}

/** Reads the tokenizer of a file, if it has one. Throws: TOKENIZER_INVALID. */
export function tokenizerOfGguf(
  head: GgufHead,
  fields: Fields,
  vocabCount: number,
): Pick<Model, 'tokenizer' | 'special'> {
  const fail: Fail = (reason) => new WaferError('TOKENIZER_INVALID', { path: head.path, reason });
  const kind = fields.string('tokenizer.ggml.model', 'no_vocab');
  const tokens = head.strings('tokenizer.ggml.tokens');
  const begin = idOf(fields, 'tokenizer.ggml.bos_token_id', vocabCount);
  const ends = ['eos', 'eot', 'eom'].map((name) =>
    idOf(fields, `tokenizer.ggml.${name}_token_id`, vocabCount),
  );
  const pre = fields.string('tokenizer.ggml.pre', 'default');
  const usual = kind === 'llama' || (kind === 'gpt2' && ADDS_BEGIN.has(pre));
  const special = {
    begin,
    addBegin: begin !== undefined && fields.boolean('tokenizer.ggml.add_bos_token', usual),
    ends: ends.filter((id) => id !== undefined),
  };
  if (tokens === undefined || kind === 'no_vocab' || kind === 'none') {
    return { tokenizer: undefined, special };
  }
  if (tokens.length !== vocabCount) {
    throw fail(`it has ${tokens.length} tokens, the model ${vocabCount}`);
  }
  const types = head.numbers('tokenizer.ggml.token_type') ?? tokens.map(() => TOKEN_TYPE.normal);
  if (types.length !== tokens.length) throw fail(`it has ${types.length} token types`);
  const parts =
    kind === 'gpt2'
      ? byteLevelParts(head, pre, { tokens, types }, fail)
      : pieceParts(head, kind, fields, { tokens, types }, fail);
  tokens.forEach((token, id) => {
    const canEnd = types[id] === TOKEN_TYPE.control || types[id] === TOKEN_TYPE.userDefined;
    if (canEnd && END_TEXTS.includes(token)) special.ends.push(id);
  });
  const isMessageEnd = (id: number): boolean =>
    tokens[id] === MESSAGE_END.text && MESSAGE_END.beside.every((text) => tokens.includes(text));
  special.ends = [...new Set(special.ends)].filter((id) => !isMessageEnd(id));
  const tokenizer = describe(parts, { tokens, types }, special);
  const template = fields.get('tokenizer.chat_template');
  if (typeof template !== 'string') return { tokenizer, special };
  const tokenizerConfig = { ...(tokenizer.tokenizerConfig as object), chat_template: template };
  return { tokenizer: { ...tokenizer, tokenizerConfig }, special };
}

function idOf(fields: Fields, name: string, vocabCount: number): number | undefined {
  if (!fields.has(name)) return undefined;
  const id = fields.integer(name, { min: -1, max: 2 ** 32 - 1 });
  return id >= 0 && id < vocabCount ? id : undefined;
}

function describe(
  parts: Record<string, unknown>,
  { tokens, types }: Vocabulary,
  special: Model['special'],
): TokenizerDescription {
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    const isUserDefined = type === TOKEN_TYPE.userDefined;
    // Some files mark their begin or end token as user-defined: a prompt could contain it.
    const isMarker = isUserDefined && (id === special.begin || special.ends.includes(id));
    const isSpecial = isMarker || type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown;
    if (content === '' || (!isSpecial && !isUserDefined)) return [];
    return [{ id, content, special: isSpecial, normalized: false }];
  });
  const textOf = (id: number | undefined): string | null =>
    id === undefined ? null : (tokens[id] ?? null);
  return {
    tokenizerJson: { version: '1.0', added_tokens: added, post_processor: null, ...parts },
    tokenizerConfig: {
      bos_token: textOf(special.begin),
      eos_token: textOf(special.ends[0]),
      add_bos_token: special.addBegin,
    },
  };
}

function vocabOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

// ---- byte-level BPE

function byteLevelParts(
  head: GgufHead,
  pre: string,
  { tokens }: Vocabulary,
  fail: Fail,
): Record<string, unknown> {
  const expression = PRE_EXPRESSIONS.get(pre);
  if (expression === undefined) {
    const known = [...PRE_EXPRESSIONS.keys()].join(', ');
    throw fail(`its pre-tokenizer is ${pre.slice(0, 64)}; known are ${known}`);
  }
  const merges = head.strings('tokenizer.ggml.merges');
  if (merges === undefined) throw fail('it has no merges');
  const splits = expression.patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...splits, byteLevel] },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: null,
      byte_fallback: false,
      ignore_merges: expression.ignoresMerges,
      vocab: vocabOf(tokens),
      merges: merges.map((merge) => {
        const space = merge.indexOf(' ', 1);
        if (space < 0) throw fail(`merge ${merge.slice(0, 32)} is no pair`);
        return [merge.slice(0, space), merge.slice(space + 1)];
      }),
    },
  };
}

// ---- SentencePiece

function pieceParts(
  head: GgufHead,
  kind: string,
  fields: Fields,
  vocabulary: Vocabulary,
  fail: Fail,
): Record<string, unknown> {
  if (kind !== 'llama') throw fail(`its kind is ${kind.slice(0, 32)}; known are gpt2, llama`);
  const { tokens } = vocabulary;
  const scores = head.numbers('tokenizer.ggml.scores');
  if (scores?.length !== tokens.length) throw fail(`it has ${scores?.length ?? 'no'} scores`);
  const hasPrefix = fields.boolean('tokenizer.ggml.add_space_prefix', true);
  const unknown = tokens[idOf(fields, 'tokenizer.ggml.unknown_token_id', tokens.length) ?? 0];
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: PIECE_SPACE };
  const prepend = { type: 'Prepend', prepend: PIECE_SPACE };
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  const decoders = [
    { type: 'Replace', pattern: { String: PIECE_SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  return {
    normalizer: { type: 'Sequence', normalizers: hasPrefix ? [prepend, replace] : [replace] },
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders: hasPrefix ? [...decoders, strip] : decoders },
    model: {
      type: 'BPE',
      unk_token: unknown,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: vocabOf(tokens),
      merges: mergesOfScores(vocabulary, scores, fail),
    },
  };
}

/** Every way to cut a normal piece in two, best score first. */
function mergesOfScores(
  { tokens, types }: Vocabulary,
  scores: readonly number[],
  fail: Fail,
): [string, string][] {
  const isMergeable = (id: number): boolean =>
    types[id] === TOKEN_TYPE.normal || types[id] === TOKEN_TYPE.userDefined;
  const work = tokens.reduce((sum, token) => sum + token.length ** 2, 0);
  if (work > MERGE_WORK_MAX) throw fail('its tokens are too long');
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => isMergeable(id) && ids.set(token, id));
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [token, id] of ids) {
    const cuts: { left: string; right: string; score: number }[] = [];
    for (let cut = 1; cut < token.length; cut++) {
      const left = token.slice(0, cut);
      const right = token.slice(cut);
      if (ids.has(left) && ids.has(right)) cuts.push({ left, right, score: scores[id] ?? 0 });
    }
    const place = (text: string): number => ids.get(text) ?? 0;
    cuts.sort((a, b) => place(a.left) - place(b.left) || place(a.right) - place(b.right));
    merges.push(...cuts);
  }
  merges.sort(
    (a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length,
  );
  return merges.map(({ left, right }) => [left, right]);
}
