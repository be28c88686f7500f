/**
 * How each kind of tokenizer in GGUF makes ids of text.
 *
 * Source: ggml, docs/gguf.md; llama.cpp for what its keys mean.
 */
import type { WaferError } from '@wafer/core';
import { cutMerge, PIECE_SPACE, PRE_EXPRESSIONS } from '@wafer/text';
import type { EncoderSpec, Fallback } from '@wafer/text';
import type { Fields } from '../source/fields.ts';
import type { GgufHead } from '../gguf/gguf.ts';

/** Token types of the format. */
export const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

/** Limit on Σ length² of the pieces: the work of finding pairs; 256k tokens take 2 · 10⁷. */
const PAIR_WORK_MAX = 2e8;

/** What a character that is no token costs more than the worst token. */
const UNKNOWN_PENALTY = 10;

type Fail = (reason: string) => WaferError;

export interface Parts {
  encoder: Omit<EncoderSpec, 'added'>;
  dropsFirstSpace: boolean;
  /** Tokens are bytes in an alphabet of characters. */
  isBytes: boolean;
}

export interface GgufVocabulary {
  tokens: readonly string[];
  types: readonly number[];
  special: ReadonlySet<number>;
}

const key = (name: string): string => `tokenizer.ggml.${name}`;

/** Tokens that text may make. */
function pairsOf({ tokens, special }: GgufVocabulary): [string, number][] {
  const pairs: [string, number][] = [];
  tokens.forEach((token, id) => {
    if (token !== '' && !special.has(id)) pairs.push([token, id]);
  });
  return pairs;
}

// ---- byte-level BPE

export function bytePartsOf(
  head: GgufHead,
  fields: Fields,
  vocabulary: GgufVocabulary,
  fail: Fail,
): Parts {
  const usual = fields.string(key('model')) === 'gemma4' ? 'gemma4' : 'default';
  const pre = fields.string(key('pre'), usual) || usual; // an empty name is none
  const expression = PRE_EXPRESSIONS.get(pre);
  if (expression === undefined) {
    const known = [...PRE_EXPRESSIONS.keys()].join(', ');
    throw fail(`its pre-tokenizer is ${pre.slice(0, 64)}; known are ${known}`);
  }
  const merges = head.strings(key('merges'));
  if (merges === undefined) throw fail('it has no merges');
  for (const merge of merges) {
    if (cutMerge(merge) < 0) throw fail(`merge ${merge.slice(0, 32)} is no pair`);
  }
  const splits = expression.patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  const isText = expression.isText === true;
  const keepsSpaces = !isText || expression.keepsSpaces === true;
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: PIECE_SPACE };
  return {
    dropsFirstSpace: false,
    isBytes: !isText,
    encoder: {
      normalizer: keepsSpaces ? null : replace,
      preTokenizer: {
        type: 'Sequence',
        pretokenizers: isText ? splits : [...splits, byteLevel],
      },
      model: {
        kind: 'bpe',
        vocabulary: () => pairsOf(vocabulary),
        merges,
        fallback: { usesBytes: isText, unknown: undefined, fusesUnknown: false },
        takesWhole: expression.ignoresMerges,
      },
    },
  };
}

// ---- SentencePiece

export function scoredPartsOf(
  head: GgufHead,
  fields: Fields,
  vocabulary: GgufVocabulary,
  fail: Fail,
): Parts {
  const scores = scoresOf(head, vocabulary, fail);
  let work = 0;
  for (const token of vocabulary.tokens) work += token.length ** 2;
  if (work > PAIR_WORK_MAX) throw fail('its tokens are too long');
  const hasPrefix = fields.boolean(key('add_space_prefix'), true);
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: PIECE_SPACE };
  const prepend = { type: 'Prepend', prepend: PIECE_SPACE };
  const normalizers = hasPrefix ? [prepend, replace] : [replace];
  return {
    dropsFirstSpace: hasPrefix,
    isBytes: false,
    encoder: {
      normalizer: { type: 'Sequence', normalizers },
      preTokenizer: null,
      model: {
        kind: 'scored',
        vocabulary: () => pairsOf(vocabulary),
        scores,
        fallback: fallbackOf(fields, vocabulary, 0),
      },
    },
  };
}

export function unigramPartsOf(
  head: GgufHead,
  fields: Fields,
  vocabulary: GgufVocabulary,
  fail: Fail,
): Parts {
  const { types } = vocabulary;
  const stored = scoresOf(head, vocabulary, fail);
  let least = Infinity;
  const scores = stored.map((score, id) => {
    if (types[id] === TOKEN_TYPE.normal) least = Math.min(least, score);
    // The likeliest of all: what a file defines is to be found.
    return types[id] === TOKEN_TYPE.userDefined ? 0 : score;
  });
  const hasPrefix = fields.boolean(key('add_space_prefix'), true);
  const replace = (pattern: object, content: string): object => ({
    type: 'Replace',
    pattern,
    content,
  });
  const extra = fields.boolean(key('remove_extra_whitespaces'), false)
    ? [replace({ Regex: ' {2,}' }, ' '), replace({ Regex: '^ | $' }, '')]
    : [];
  const charsmap = head.numbers(key('precompiled_charsmap'));
  const bytes = Buffer.from(Uint8Array.from(charsmap ?? [], (byte) => byte & 0xff));
  const map = bytes.toString('base64');
  return {
    dropsFirstSpace: hasPrefix,
    isBytes: false,
    encoder: {
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Precompiled', precompiled_charsmap: map, rule: 'longest' },
          ...extra,
          ...(hasPrefix ? [{ type: 'Prepend', prepend: ' ' }] : []),
          replace({ String: ' ' }, PIECE_SPACE),
        ],
      },
      preTokenizer: null,
      model: {
        kind: 'unigram',
        vocabulary: () => pairsOf(vocabulary),
        scores,
        unknownScore: (least === Infinity ? 0 : least) - UNKNOWN_PENALTY,
        fallback: { ...fallbackOf(fields, vocabulary, 2), usesBytes: false },
      },
    },
  };
}

function scoresOf(head: GgufHead, { tokens }: GgufVocabulary, fail: Fail): number[] {
  const scores = head.numbers(key('scores'));
  if (scores === undefined) return tokens.map(() => 0);
  if (scores.length < tokens.length) throw fail(`it has ${scores.length} scores`);
  if (!scores.every(Number.isFinite)) throw fail('a score is no number');
  return scores;
}

function fallbackOf(fields: Fields, { tokens }: GgufVocabulary, usualId: number): Fallback {
  const name = key('unknown_token_id');
  const id = fields.has(name) ? fields.integer(name, { min: -1, max: 2 ** 32 - 1 }) : usualId;
  return {
    usesBytes: true,
    unknown: id >= 0 && id < tokens.length ? id : undefined,
    fusesUnknown: true,
  };
}
