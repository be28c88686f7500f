/**
 * A tokenizer.json as GGUF metadata: the way back of gguf-tokenizer.ts.
 *
 * Byte-level BPE keeps its merges and is named by its expression. SentencePiece BPE keeps the
 * order of its merges as scores: the first merge that makes a piece decides.
 *
 * Source: ggml, docs/gguf.md.
 */
import { append, isObject } from '@wafer/core';
import { pairOfMerge, PRE_EXPRESSIONS, readTokenizerFacts } from '@wafer/text';
import type { Merge, TextFrame, TokenizerFacts } from '@wafer/text';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import { FRAME_KEYS } from '../open/gguf-special.ts';
import { TOKEN_TYPE } from '../open/gguf-tokenizer-parts.ts';
import { outputFailed } from './output-file.ts';
import type { Model } from '../source/source.ts';

type Json = Record<string, unknown>;

/** Type of an id that has no text; the format calls it unused. */
const UNUSED = 5;
const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;

/** Score of pieces that no merge makes: after all others. */
const LAST_SCORE = -1e6;

/** Metadata of a model's tokenizer. Throws: OUTPUT_FAILED where GGUF has no word for it. */
export function ggufTokenizer(model: Model, path: string): GgufPair[] {
  const { tokenizer, special, spec } = model;
  if (tokenizer === undefined) {
    return [{ key: 'tokenizer.ggml.model', type: 'string', value: 'no_vocab' }];
  }
  const fail = (reason: string): Error => outputFailed(path, reason);
  const facts = readTokenizerFacts(tokenizer, (reason) => outputFailed(path, reason));
  const json = tokenizer.tokenizerJson as Json;
  const bpe = json['model'] as Json;
  if (facts.kind === 'plain' || !Array.isArray(bpe['merges'])) {
    throw fail('GGUF takes byte-level or SentencePiece BPE tokenizers only');
  }
  const merges = (bpe['merges'] as Merge[]).map(pairOfMerge);
  const tokens = Array.from(
    { length: spec.vocabCount },
    (_, id) => facts.contents.get(id) ?? `[PAD${id}]`,
  );
  const pairs: GgufPair[] = [
    { key: 'tokenizer.ggml.tokens', type: 'strings', value: tokens },
    { key: 'tokenizer.ggml.token_type', type: 'ints', value: tokenTypes(facts, tokens, bpe) },
    ...framePairs(facts.frame, special),
  ];
  const [end] = special.ends;
  if (special.begin !== undefined) pairs.push(idPair('bos', special.begin));
  if (end !== undefined) pairs.push(idPair('eos', end));
  append(pairs, templatePairs((tokenizer.tokenizerConfig as Json)['chat_template']));
  return [
    ...(facts.kind === 'bytes'
      ? byteLevelPairs(json['pre_tokenizer'], bpe['ignore_merges'] === true, merges, fail)
      : piecePairs(facts, merges, tokens, bpe)),
    ...pairs,
  ];
}

/** What is around a text; a frame of more than the begin and the end token has keys of our own. */
function framePairs({ before, after }: TextFrame, { begin, ends }: Model['special']): GgufPair[] {
  const flag = (name: string, value: boolean): GgufPair => ({
    key: `tokenizer.ggml.add_${name}_token`,
    type: 'bool',
    value,
  });
  const pairs = [flag('bos', before.length > 0), flag('eos', after.length > 0)];
  const isSaid = (ids: readonly number[], id: number | undefined): boolean =>
    ids.length === 0 || (ids.length === 1 && ids[0] === id);
  const own = (key: string, ids: readonly number[]): GgufPair => ({
    key,
    type: 'ints',
    value: [...ids],
  });
  if (!isSaid(before, begin)) pairs.push(own(FRAME_KEYS.before, before));
  if (!isSaid(after, ends[0])) pairs.push(own(FRAME_KEYS.after, after));
  return pairs;
}

function idPair(name: string, value: number): GgufPair {
  return { key: `tokenizer.ggml.${name}_token_id`, type: 'uint32', value };
}

function tokenTypes(facts: TokenizerFacts, tokens: readonly string[], bpe: Json): number[] {
  return tokens.map((token, id) => {
    if (!facts.contents.has(id)) return UNUSED;
    if (token === bpe['unk_token']) return TOKEN_TYPE.unknown;
    if (facts.special.has(id)) return TOKEN_TYPE.control;
    if (facts.added.has(id)) return TOKEN_TYPE.userDefined;
    const isByte = facts.kind === 'pieces' && BYTE_TOKEN.test(token);
    return isByte ? TOKEN_TYPE.byte : TOKEN_TYPE.normal;
  });
}

function byteLevelPairs(
  preTokenizer: unknown,
  ignoresMerges: boolean,
  merges: readonly (readonly [string, string])[],
  fail: (reason: string) => Error,
): GgufPair[] {
  const name = preName(preTokenizer, ignoresMerges);
  if (name === undefined) throw fail('GGUF has no name for the expression of its pre-tokenizer');
  return [
    { key: 'tokenizer.ggml.model', type: 'string', value: 'gpt2' },
    { key: 'tokenizer.ggml.pre', type: 'string', value: name },
    {
      key: 'tokenizer.ggml.merges',
      type: 'strings',
      value: merges.map(([left, right]) => `${left} ${right}`),
    },
  ];
}

/** The name of a pre-tokenizer: by its expressions, or gpt-2 where ByteLevel brings its own. */
function preName(preTokenizer: unknown, ignoresMerges: boolean): string | undefined {
  if (!isObject(preTokenizer)) return undefined;
  const list = preTokenizer['pretokenizers'];
  const parts: unknown[] = Array.isArray(list) ? list : [preTokenizer];
  const patterns = parts.flatMap((part) => {
    if (!isObject(part) || part['type'] !== 'Split' || !isObject(part['pattern'])) return [];
    return [part['pattern']['Regex']];
  });
  const isOwn = parts.some(
    (part) => isObject(part) && part['type'] === 'ByteLevel' && part['use_regex'] !== false,
  );
  const digits = parts.filter((part) => isObject(part) && part['type'] === 'Digits');
  const isKnown = parts.every(
    (part) => isObject(part) && ['Split', 'ByteLevel', 'Digits'].includes(String(part['type'])),
  );
  if (!isKnown || digits.length > 1) return undefined;
  if (digits[0] !== undefined) {
    const isFirst = parts[0] === digits[0] && patterns.length === 0 && isOwn;
    return isFirst && (digits[0] as Json)['individual_digits'] === true ? 'smollm' : undefined;
  }
  if (patterns.length === 0) return isOwn ? 'gpt-2' : undefined;
  const wanted = JSON.stringify(patterns);
  const same = [...PRE_EXPRESSIONS].filter(
    ([, known]) => JSON.stringify(known.patterns) === wanted,
  );
  const exact = same.find(([, known]) => known.ignoresMerges === ignoresMerges);
  return (exact ?? same[0])?.[0];
}

function piecePairs(
  facts: TokenizerFacts,
  merges: readonly (readonly [string, string])[],
  tokens: readonly string[],
  bpe: Json,
): GgufPair[] {
  const scores = new Map<string, number>();
  merges.forEach(([left, right], rank) => {
    if (!scores.has(left + right)) scores.set(left + right, -rank);
  });
  const unknown = tokens.indexOf(String(bpe['unk_token']));
  return [
    { key: 'tokenizer.ggml.model', type: 'string', value: 'llama' },
    { key: 'tokenizer.ggml.pre', type: 'string', value: 'default' },
    { key: 'tokenizer.ggml.add_space_prefix', type: 'bool', value: facts.dropsFirstSpace },
    ...(unknown < 0 ? [] : [{ ...idPair('unknown', unknown) }]),
    {
      key: 'tokenizer.ggml.scores',
      type: 'floats',
      value: tokens.map((token) => scores.get(token) ?? LAST_SCORE),
    },
  ];
}

/** One template, or several by name, of which the default one has the plain key. */
function templatePairs(template: unknown): GgufPair[] {
  const key = 'tokenizer.chat_template';
  if (typeof template === 'string') return [{ key, type: 'string', value: template }];
  const named = (Array.isArray(template) ? template.filter(isObject) : []).flatMap(
    ({ name, template: value }) =>
      typeof name === 'string' && typeof value === 'string' ? [{ name, value }] : [],
  );
  const more = named.filter(({ name }) => name !== 'default').map(({ name }) => name);
  return [
    ...named.map(({ name, value }): GgufPair => {
      return { key: name === 'default' ? key : `${key}.${name}`, type: 'string', value };
    }),
    ...(more.length === 0 ? [] : [{ key: `${key}s`, type: 'strings', value: more } as const]),
  ];
}
