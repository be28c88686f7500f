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
  /** Symbols are characters, spaces `▁`, and what has no token its bytes, as `<0xNN>`. */
  isText?: true;
  /** Of such text spaces are themselves. */
  keepsSpaces?: true;
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
const O200K_PATTERN = String.raw`${cased(`${CONTRACTIONS}?`)}|\p{N}{1,3}|${SIGNS}|${SPACES}`;
const O200K = merged(O200K_PATTERN);
const TEKKEN = whole(String.raw`${cased('')}|\p{N}|${SIGNS}|${SPACES}`);
const DIGITS = merged(String.raw`\p{N}`, GPT2_EXPRESSION);
const THREE_DIGITS = String.raw`\p{N}{1,3}`;
const CJK = '[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+';
const MARKED_WORDS =
  `${ASCII_SIGNS}[A-Za-z]+|` + '[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+';
const MARKED_PATTERN = `${MARKED_WORDS}[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+`;
const DEEPSEEK_V3 = merged(THREE_DIGITS, CJK, MARKED_PATTERN);
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

// ---- of models that other programs run

const SPARK = merged(
  THREE_DIGITS,
  CJK,
  `${MARKED_WORDS}|[\r\n]|\\s+(?!\\S)|\\s+`,
  String.raw`\p{N}`,
);
const DEEPSEEK_LLM = merged(
  '[\r\n]',
  String.raw`\s?[\p{Lu}\p{Ll}\p{Lt}]+`,
  '\\s?[!-/:-~！-／：-～‘-‟　-。]+',
  String.raw`\s+$`,
  '[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+',
  String.raw`\p{N}+`,
);
const YOUTU = whole(
  '[\uac00-\ud7a3\u3131-\u318e]+|[！…“”‘’—：；，、-\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+|' + CJK,
  String.raw`${cased(`${CONTRACTIONS}?`)}|\p{N}|${SIGNS}|${SPACES}`,
);
/** Numbers in threes from their end. */
const THREES_FROM_END = String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))`;
const AFMOE = merged(
  THREES_FROM_END,
  '[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf' +
    '\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff' +
    '\uac00-\ud7af\u1100-\u11ff]+',
  MARKED_PATTERN,
);
const CASCADE = [512, 256, 128, 64, 32, 16, 8, 4].map((n) => String.raw`\s{${n}}(?!\S)`).join('|');
const JAIS2 = merged(
  String.raw`${CONTRACTIONS}|${WORD}|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|` +
    String.raw`\s*[\r\n]+|${CASCADE}|\s{1,2}(?!\S)|\s{1}`,
);
const BLOOM_WORDS = ' ?[^(\\s|.,!?…。，、।۔،)]+';
const CHAMELEON = merged(
  '<sentinel:[0-9]+>',
  'IMGIMG[A-I]{1,4}Z',
  '([\\t\\n]|    |  )',
  String.raw`\p{N}`,
  '[\\p{P}!-/:-@\\[-`{-~]',
  GPT2_WORDS,
);
/** Case is told with marks counted in. */
const O200K_MARKS = whole(
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*${LOWER}+${CONTRACTIONS}?|` +
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+${LOWER}*${CONTRACTIONS}?|` +
    String.raw`\p{N}{1,3}|${SIGNS}|${SPACES}`,
);
const TINY_AYA = merged(String.raw`\d{1,3}(?=(?:\d{3})*\b)`, O200K_PATTERN);
const SUPERBPE = merged(String.raw`\p{N}+`, String.raw`(?=(\d{3})+(?!\d))`);
const BAILING = merged(
  String.raw`'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|${WORD}|\p{N}|` +
    String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`,
);
const SEED_CODER = merged(
  String.raw`${CONTRACTIONS}|${WORD}|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|${SPACES}`,
);
const UFAKZEKA = merged(String.raw`${WORD}|\p{N}|${REST}`);
const LINES = '[^\\n]+|[\\n]+';
const LAGUNA = merged(LINES, String.raw`${CONTRACTIONS}|${WORD}|\p{N}|${REST}`);
/** A word may go on behind a space. */
const EXAONE_MOE = merged(
  String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?\p{L}(?:(?! (?!\p{L}))[\p{L}\p{M} ])*|\p{N}|` +
    String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`,
);
const MINICPM5 = whole(THREE_DIGITS, String.raw`${CONTRACTIONS}|${WORD}|\p{N}+|${REST}`);
/** Chinese characters, as llama.cpp counts them. */
const HAN = `[${[
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2ebef],
  [0x2f800, 0x2fa1f],
]
  .map((edges) => edges.map((code) => String.fromCodePoint(code)).join('-'))
  .join('')}]`;
/** A letter of a class that is no Chinese character. */
const noHan = (letters: string): string => `(?:(?!${HAN})${letters})`;
const KIMI = merged(
  String.raw`${HAN}+|` +
    String.raw`[^\r\n\p{L}\p{N}]?${noHan(UPPER)}*${noHan(LOWER)}+${CONTRACTIONS}?|` +
    String.raw`[^\r\n\p{L}\p{N}]?${noHan(UPPER)}+${noHan(LOWER)}*${CONTRACTIONS}?|` +
    String.raw`\p{N}{1,3}|${REST}`,
);
const BLANKS: PreExpression = { ...merged(String.raw`\S+`), isText: true, keepsSpaces: true };
const TEXT_LINES: PreExpression = { ...merged(LINES), isText: true };

// ---- names

/** Names of `tokenizer.ggml.pre` for each expression; the first of them is written. */
const NAMES: readonly (readonly [PreExpression, string])[] = [
  [merged(GPT2_EXPRESSION), 'gpt-2 phi-2 mpt olmo jais exaone4 trillion granite-docling'],
  [merged(GPT2_EXPRESSION), 'mellum a.x-4.0 gigachat modern-bert roberta-bpe jina-v1-en'],
  [merged(GPT2_EXPRESSION), 'jina-es jina-de jina-v2-es jina-v2-de jina-v2-code'],
  [LLAMA3, 'llama-bpe llama3 llama-v3 pixtral lfm2 falcon3 falcon-h1 midm-2.0 jina-v5-nano'],
  [GLM4, 'glm4 chatglm-bpe dbrx smaug-bpe'],
  [QWEN2, 'qwen2 deepseek-r1-qwen kormo f2llmv2 stablelm2 megrez hunyuan solar-open grok-2'],
  [QWEN35, 'qwen35'],
  [O200K, 'gpt-4o llama4 kanana2 talkie minimax-m2'],
  [O200K_MARKS, 'granite-embed-multi-97m'],
  [TEKKEN, 'tekken'],
  [DEEPSEEK_V3, 'deepseek-v3 hunyuan-dense joyai-llm hy_v4'],
  [DEEPSEEK_LLM, 'deepseek-llm'],
  [DEEPSEEK_CODER, 'deepseek-coder'],
  [FALCON, 'falcon'],
  [DIGITS, 'smollm starcoder refact command-r codeshell exaone minerva-7b mellum2'],
  [SPARK, 'spark2_5'],
  [YOUTU, 'youtu'],
  [AFMOE, 'afmoe'],
  [JAIS2, 'jais-2'],
  [merged(BLOOM_WORDS), 'bloom poro-chat gpt3-finnish'],
  [merged(BLOOM_WORDS, String.raw`\p{N}`), 'viking'],
  [CHAMELEON, 'chameleon'],
  [TINY_AYA, 'tiny_aya cohere2moe'],
  [SUPERBPE, 'superbpe'],
  [BAILING, 'bailingmoe bailingmoe2 llada-moe'],
  [SEED_CODER, 'seed-coder'],
  [UFAKZEKA, 'ufakzeka'],
  [LAGUNA, 'laguna'],
  [EXAONE_MOE, 'exaone-moe'],
  [MINICPM5, 'minicpm5'],
  [KIMI, 'kimi-k2'],
  [BLANKS, 'whitespace'],
  [TEXT_LINES, 'gemma4 granite-embed-multi-311m sarvam-moe'],
  [DEFAULT, 'default'],
];

/** By the value of `tokenizer.ggml.pre`. */
export const PRE_EXPRESSIONS: ReadonlyMap<string, PreExpression> = new Map(
  NAMES.flatMap(([expression, names]) =>
    names.split(' ').map((name) => [name, expression] as const),
  ),
);

/** Names whose models begin every text with the begin token unless the file says otherwise. */
export const ADDS_BEGIN: ReadonlySet<string> = new Set([
  ...[...PRE_EXPRESSIONS].flatMap(([name, known]) => (known === LLAMA3 ? name : [])),
  'tekken',
  'chameleon',
  'gemma4',
]);
