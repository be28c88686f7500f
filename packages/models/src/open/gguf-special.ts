/**
 * Special tokens of a GGUF file: what begins and ends a text, and what ends an answer.
 *
 * Keys name them; where a key is absent, or names no token, the kind of tokenizer has a default.
 * What ends an answer is known by its text, too, as many files name only one of several.
 *
 * Source: llama.cpp, which reads the same keys, defaults and texts.
 */
import { ADDS_BEGIN, type TextFrame } from '@wafer/text';
import type { GgufHead } from '../gguf/gguf.ts';
import type { Fields } from '../source/fields.ts';
import type { Model } from '../source/source.ts';
import { TOKEN_TYPE, type GgufVocabulary } from './gguf-tokenizer-parts.ts';

/** Texts of tokens that end a turn. */
const END_TEXTS: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  '</s>',
  '<eos>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<end_of_turn>',
  '<turn|>',
  '<|tool_response>',
  '<end_of_utterance>',
  '<｜end▁of▁sentence｜>',
  '[e~[',
  // GPT-OSS: the end of an answer and of a call; Solar: the same; GLM: whose turn comes next.
  '<|return|>',
  '<|call|>',
  '<|calls|>',
  '<|flush|>',
  '<|user|>',
  '<|observation|>',
]);

/** Tokens of code completion that end an answer: by key, else by text. */
const FILL_ENDS: readonly (readonly [string, readonly string[]])[] = [
  ['fim_pad', ['<|fim_pad|>', '<fim-pad>', '<fim_pad>', '<PAD>', '[PAD]']],
  ['fim_rep', ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>']],
  ['fim_sep', ['<|file_sep|>']],
];

/** Beside all of some others, a text ends one message or nothing, whatever the file's keys say. */
const NO_ENDS: readonly { text: string; beside: readonly string[] }[] = [
  { text: '<|end|>', beside: ['<|return|>', '<|call|>'] },
  { text: '<|end|>', beside: ['<|flush|>', '<|calls|>'] },
  { text: '</s>', beside: ['<|tool_response>'] },
];

/** Ids where a key is absent; Falcon's end was the first of its kind. */
const DEFAULT_IDS: Readonly<Record<string, { bos?: number; eos?: number }>> = {
  llama: { bos: 1, eos: 2 },
  gpt2: { bos: 11, eos: 11 },
  t5: { eos: 1 },
};

/** Pre-tokenizers of models without a begin token of their own. */
const WITHOUT_BEGIN: ReadonlySet<string> = new Set(['glm4', 'chatglm-bpe']);

/** What a file says that keeps begin and end apart from any key of others. */
export const FRAME_KEYS = {
  before: 'tokenizer.wafer.before',
  after: 'tokenizer.wafer.after',
} as const;

type Special = Model['special'];
type Tokens = Pick<GgufVocabulary, 'tokens' | 'types'>;

/** Special tokens by key alone, where a file has no vocabulary. */
export function keyedSpecial(fields: Fields, vocabCount: number): Special {
  const begin = idOf(fields, 'bos', vocabCount);
  const ends = ['eos', 'eot', 'eom'].map((name) => idOf(fields, name, vocabCount));
  return {
    begin,
    addBegin: begin !== undefined && fields.boolean('tokenizer.ggml.add_bos_token', false),
    ends: ends.filter((id) => id !== undefined),
  };
}

/** Special tokens of a vocabulary, and those around a text. */
export function specialOf(
  head: GgufHead,
  fields: Fields,
  kind: string,
  tokens: Tokens,
): { special: Special; frame: TextFrame } {
  const count = tokens.tokens.length;
  const pre = fields.string('tokenizer.ggml.pre', 'default');
  const usual = DEFAULT_IDS[kind] ?? {};
  const inRange = (id: number | undefined): number | undefined =>
    id !== undefined && id < count ? id : undefined;
  const begin =
    idOf(fields, 'bos', count) ?? (WITHOUT_BEGIN.has(pre) ? undefined : inRange(usual.bos));
  const end = idOf(fields, 'eos', count) ?? inRange(usual.eos);
  const addsBegin = kind === 'llama' || ADDS_BEGIN.has(kind === 'gpt2' ? pre : kind);
  const isBegun = fields.boolean('tokenizer.ggml.add_bos_token', addsBegin);
  const isEnded = fields.boolean('tokenizer.ggml.add_eos_token', kind === 't5');
  const given = (name: string): number[] | undefined =>
    head.numbers(name)?.filter((id) => Number.isInteger(id) && id >= 0 && id < count);
  const frame = {
    before: given(FRAME_KEYS.before) ?? (isBegun && begin !== undefined ? [begin] : []),
    after: given(FRAME_KEYS.after) ?? (isEnded && end !== undefined ? [end] : []),
  };
  const ends = endsOf(fields, tokens, end);
  const addBegin = frame.before.length + frame.after.length > 0;
  return { special: { begin, addBegin, ends }, frame };
}

function idOf(fields: Fields, name: string, count: number): number | undefined {
  const key = `tokenizer.ggml.${name}_token_id`;
  if (!fields.has(key)) return undefined;
  const id = fields.integer(key, { min: -1, max: 2 ** 32 - 1 });
  return id >= 0 && id < count ? id : undefined;
}

/** The end tokens that keys name, and those that are known by their text. */
function endsOf(fields: Fields, { tokens, types }: Tokens, end: number | undefined): number[] {
  const keyed = ['eot', 'eom', ...FILL_ENDS.map(([name]) => name)];
  // A default that is an ordinary token of this vocabulary would end answers at random.
  const isNamed = fields.has('tokenizer.ggml.eos_token_id');
  const isEnd = end !== undefined && (isNamed || types[end] !== TOKEN_TYPE.normal);
  const ends = [
    ...(isEnd ? [end] : []),
    ...keyed.flatMap((name) => idOf(fields, name, tokens.length) ?? []),
  ];
  const texts = new Set(END_TEXTS);
  for (const [name, list] of FILL_ENDS) {
    if (idOf(fields, name, tokens.length) === undefined) list.forEach((text) => texts.add(text));
  }
  const found = new Set<string>();
  // A look at the first character spares hashing each text of the vocabulary.
  const firsts = new Set(Array.from(texts, (text) => text.charCodeAt(0)));
  tokens.forEach((token, id) => {
    if (!firsts.has(token.charCodeAt(0)) || !texts.has(token)) return;
    found.add(token);
    ends.push(id);
  });
  const isNoEnd = (id: number): boolean =>
    NO_ENDS.some(({ text, beside }) => tokens[id] === text && beside.every((b) => found.has(b)));
  return [...new Set(ends)].filter((id) => !isNoEnd(id));
}
