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
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const WORD = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const GPT2 =
  "'s|'t|'re|'ve|'m|'ll|'d" + String.raw`| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const TEKKEN_WORD =
  String.raw`[^\r\n\p{L}\p{N}]?` +
  `${UPPER}*${LOWER}+|` +
  String.raw`[^\r\n\p{L}\p{N}]?` +
  `${UPPER}+${LOWER}*`;

const LLAMA3: PreExpression = {
  patterns: [String.raw`${CONTRACTIONS}|${WORD}|\p{N}{1,3}|${REST}`],
  ignoresMerges: true,
};
const QWEN2: PreExpression = {
  patterns: [String.raw`${CONTRACTIONS}|${WORD}|\p{N}|${REST}`],
  ignoresMerges: false,
};
const DIGITS: PreExpression = { patterns: [String.raw`\p{N}`, GPT2], ignoresMerges: false };

/** By the value of `tokenizer.ggml.pre`. */
export const PRE_EXPRESSIONS: ReadonlyMap<string, PreExpression> = new Map([
  ['gpt-2', { patterns: [GPT2], ignoresMerges: false }],
  ['llama-bpe', LLAMA3],
  ['llama3', LLAMA3],
  ['llama-v3', LLAMA3],
  ['qwen2', QWEN2],
  ['smollm', DIGITS],
  ['starcoder', DIGITS],
  [
    'tekken',
    {
      patterns: [
        TEKKEN_WORD + String.raw`|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      ],
      ignoresMerges: true,
    },
  ],
  [
    'default',
    {
      patterns: [
        String.raw`[\p{P}\$\+<=>\^~\|]+`,
        "'s|'t|'re|'ve|'m|'ll|'d" + String.raw`| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`,
        String.raw`\p{N}+`,
        '[0-9][0-9][0-9]',
      ],
      ignoresMerges: false,
    },
  ],
]);

/** Names whose models begin every text with the begin token unless the file says otherwise. */
export const ADDS_BEGIN: ReadonlySet<string> = new Set([
  'llama-bpe',
  'llama3',
  'llama-v3',
  'tekken',
]);
