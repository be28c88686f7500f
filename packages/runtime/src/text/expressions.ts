/**
 * Patterns of tokenizer.json as JavaScript expressions.
 *
 * The translation from Oniguruma's dialect is that of `@huggingface/tokenizers` (`\s`, `\d`, `(?i:`
 * and classes differ); its possessive quantifiers become greedy ones.
 */
import * as library from '@huggingface/tokenizers';
import { isObject } from '../load/json.ts';

/** What is used of the library, whose declarations leave its components out. */
interface Components {
  SplitPreTokenizer: new (json: object) => { pattern: unknown };
}

const { SplitPreTokenizer } = library as unknown as Components;

/** GPT-2's expression, which ByteLevel brings unless told otherwise. */
export const GPT2_EXPRESSION: string =
  "'s|'t|'re|'ve|'m|'ll|'d" + String.raw`| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** Compiles `{Regex}` or `{String}`. Throws: an Error with the reason. */
export function compilePattern(pattern: unknown): RegExp {
  const { Regex: regex, String: text } = isObject(pattern) ? pattern : {};
  if (typeof text === 'string') return new RegExp(RegExp.escape(text), 'gu');
  if (typeof regex !== 'string') throw new Error('a pattern is neither a text nor an expression');
  const json = { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
  const { pattern: compiled } = new SplitPreTokenizer(json);
  if (!(compiled instanceof RegExp)) throw new Error('an expression cannot be compiled');
  return compiled;
}
