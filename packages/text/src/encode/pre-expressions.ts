/**
 * Regular expressions that cut text before byte-level BPE, by their names in GGUF.
 *
 * Source: the `tokenizer.json` files of the models, and llama.cpp's names for them.
 */

export interface PreExpression {
  /** Applied one after the other; each match is a piece of its own. */
  patterns: readonly string[];
  /** Whether a whole piece that is a token is taken without merging. */
  ignoresMerges: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|${SPACES}`;
const WORD = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const GPT2_WORDS =
  "'s|'t|'re|'ve|'m|'ll|'d" + String.raw`| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`;
/** GPT-2's expression, which ByteLevel brings unless told otherwise. */
export const GPT2_EXPRESSION: string = String.raw`${GPT2_WORDS}|\s+`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
/** Words of one case or with a capital, each with what may follow. */
const cased = (after: string): string =>
  String.raw`[^\r\n\p{L}\p{N}]?${UPPER}*${LOWER}+${after}|` +
  String.raw`[^\r\n\p{L}\p{N}]?${UPPER}+${LOWER}*${after}`;
const SIGNS = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`;
const ASCII_SIGNS = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';

const whole = (...patterns: string[]): PreExpression => ({ patterns, ignoresMerges: true });
const merged = (...patterns: string[]): PreExpression => ({ patterns, ignoresMerges: false });

const LLAMA3_PATTERN = String.raw`${CONTRACTIONS}|${WORD}|\p{N}{1,3}|${REST}`;
const LLAMA3 = whole(LLAMA3_PATTERN);
const QWEN2 = merged(String.raw`${CONTRACTIONS}|${WORD}|\p{N}|${REST}`);
const QWEN35 = merged(
  String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|` +
    String.raw` ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${SPACES}`,
);
const GLM4 = merged(LLAMA3_PATTERN);
const O200K = whole(String.raw`${cased(`${CONTRACTIONS}?`)}|\p{N}{1,3}|${SIGNS}|${SPACES}`);
const TEKKEN = whole(String.raw`${cased('')}|\p{N}|${SIGNS}|${SPACES}`);
const DIGITS = merged(String.raw`\p{N}`, GPT2_EXPRESSION);
const DEEPSEEK_V3 = merged(
  String.raw`\p{N}{1,3}`,
  '[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+',
  `${ASCII_SIGNS}[A-Za-z]+|` +
    '[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|' +
    '\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
);
const DEEPSEEK_CODER = merged(
  '[\r\n]',
  String.raw`\s?\p{L}+`,
  String.raw`\s?\p{P}+`,
  '[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+',
  String.raw`\p{N}`,
);
const FALCON = merged(String.raw`[\p{P}\$\+<=>\^~\|${'`'}]+`, GPT2_EXPRESSION, '[0-9][0-9][0-9]');
const DEFAULT = merged(
  String.raw`[\p{P}\$\+<=>\^~\|]+`,
  GPT2_WORDS,
  String.raw`\p{N}+`,
  '[0-9][0-9][0-9]',
);

/** By the value of `tokenizer.ggml.pre`; of names for one expression, the first is written. */
export const PRE_EXPRESSIONS: ReadonlyMap<string, PreExpression> = new Map([
  ['gpt-2', merged(GPT2_EXPRESSION)],
  ['phi-2', merged(GPT2_EXPRESSION)],
  ['mpt', merged(GPT2_EXPRESSION)],
  ['olmo', merged(GPT2_EXPRESSION)],
  ['jais', merged(GPT2_EXPRESSION)],
  ['llama-bpe', LLAMA3],
  ['llama3', LLAMA3],
  ['llama-v3', LLAMA3],
  ['pixtral', LLAMA3],
  ['lfm2', LLAMA3],
  ['glm4', GLM4],
  ['chatglm-bpe', GLM4],
  ['dbrx', GLM4],
  ['smaug-bpe', GLM4],
  ['qwen2', QWEN2],
  ['deepseek-r1-qwen', QWEN2],
  ['stablelm2', QWEN2],
  ['megrez', QWEN2],
  ['qwen35', QWEN35],
  ['gpt-4o', O200K],
  ['llama4', O200K],
  ['tekken', TEKKEN],
  ['deepseek-v3', DEEPSEEK_V3],
  ['hunyuan-dense', DEEPSEEK_V3],
  ['deepseek-coder', DEEPSEEK_CODER],
  ['falcon', FALCON],
  ['smollm', DIGITS],
  ['starcoder', DIGITS],
  ['refact', DIGITS],
  ['command-r', DIGITS],
  ['codeshell', DIGITS],
  ['exaone', DIGITS],
  ['minerva-7b', DIGITS],
  ['default', DEFAULT],
]);

/** Names whose models begin every text with the begin token unless the file says otherwise. */
export const ADDS_BEGIN: ReadonlySet<string> = new Set([
  'llama-bpe',
  'llama3',
  'llama-v3',
  'pixtral',
  'lfm2',
  'tekken',
]);
