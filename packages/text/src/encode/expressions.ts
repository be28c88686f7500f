/**
 * Patterns of tokenizer.json as JavaScript expressions.
 *
 * The translation from Oniguruma's dialect is that of `@huggingface/tokenizers` (`\s`, `\d`, `(?i:`
 * and classes differ); its possessive quantifiers become greedy ones.
 *
 * A file's expression runs in the caller's thread. One whose form lets it try exponentially many
 * ways to match is refused; see docs/text.md for what remains.
 */
import * as library from '@huggingface/tokenizers';
import { isObject } from '@wafer/core';
import { repeatsChoice } from './expression-form.ts';

/** What is used of the library, whose declarations leave its components out. */
interface Components {
  SplitPreTokenizer: new (json: object) => { pattern: unknown };
}

const { SplitPreTokenizer } = library as unknown as Components;

/** The longest published expression has about 700 characters. */
const LENGTH_MAX = 4096;

/** Compiles `{Regex}` or `{String}`. Throws: an Error with the reason. */
export function compilePattern(pattern: unknown): RegExp {
  const { Regex: regex, String: text } = isObject(pattern) ? pattern : {};
  const given = text ?? regex;
  if (typeof given === 'string' && given.length > LENGTH_MAX) {
    throw new Error(`a pattern has ${given.length} characters`);
  }
  if (typeof text === 'string') return new RegExp(RegExp.escape(text), 'gu');
  if (typeof regex !== 'string') throw new Error('a pattern is neither a text nor an expression');
  const json = { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
  const { pattern: compiled } = new SplitPreTokenizer(json);
  if (!isExpression(compiled)) throw new Error('an expression cannot be compiled');
  if (repeatsChoice(compiled.source)) {
    throw new Error(`the expression ${regex.slice(0, 64)} repeats a group of more than one length`);
  }
  return compiled;
}

/** Of any realm: a test runner may load the library in one of its own. */
function isExpression(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}
