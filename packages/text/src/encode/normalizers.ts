/**
 * Normalizers of tokenizer.json, compiled to functions.
 *
 * A step may make text longer; what a file can ask for is bounded, in steps and in length.
 *
 * Source: the documentation and behavior of `tokenizers` 0.23.
 */
import { isObject } from '@wafer/core';
import { Charsmap } from './charsmap.ts';
import { compilePattern } from './expressions.ts';

export type Normalize = (text: string) => string;

/** Components nest a few deep; a bound keeps hostile ones from overflowing the stack. */
const DEPTH_MAX = 8;
const STEPS_MAX = 64;

/** Length of a text after any step, for n units of input: at most GROWTH_MAX · n + GROWTH_FREE. */
const GROWTH_MAX = 64;
const GROWTH_FREE = 4096;

/** Control characters that Nmt drops, and those it makes spaces. */
// oxlint-disable-next-line no-control-regex
const NMT_DROPPED = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
// oxlint-disable-next-line no-control-regex, no-irregular-whitespace
const NMT_SPACES = /[\u0009\u000a\u000c\u000d\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

/** A step; it may stop as soon as its text is longer than `lengthMax`. */
type Step = (text: string, lengthMax: number) => string;

type Json = Record<string, unknown>;
type Make = (json: Json) => Step;

/**
 * Compiles a normalizer; null is none. Throws: an Error with the reason, as does what it returns
 * where text grows beyond bounds.
 */
export function compileNormalizer(json: unknown): Normalize {
  const components = componentsOf(json, 0);
  if (components.length > STEPS_MAX) throw new Error('a normalizer has too many steps');
  const steps = components.map(compileStep);
  return (text) => {
    const lengthMax = text.length * GROWTH_MAX + GROWTH_FREE;
    return steps.reduce((before, step) => {
      const after = step(before, lengthMax);
      if (after.length > lengthMax) throw tooLong();
      return after;
    }, text);
  };
}

function componentsOf(json: unknown, depth: number): Json[] {
  if (json === null || json === undefined) return [];
  if (!isObject(json) || depth > DEPTH_MAX) throw new Error('a normalizer is no component');
  if (json['type'] !== 'Sequence') return [json];
  const list = json['normalizers'];
  if (!Array.isArray(list)) throw new Error('a sequence of normalizers is no list');
  return list.flatMap((step: unknown) => componentsOf(step, depth + 1));
}

function compileStep(json: Json): Step {
  const type = String(json['type']);
  const make = NORMALIZERS.get(type);
  if (make === undefined) throw new Error(`unknown normalizer ${type.slice(0, 32)}`);
  return make(json);
}

function tooLong(): Error {
  return new Error(`its normalizer makes a text more than ${GROWTH_MAX} times as long`);
}

const form =
  (name: string): Make =>
  () =>
  (text) =>
    text.normalize(name);

const NORMALIZERS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['NFC', form('NFC')],
  ['NFD', form('NFD')],
  ['NFKC', form('NFKC')],
  ['NFKD', form('NFKD')],
  ['Lowercase', () => (text) => text.toLowerCase()],
  ['StripAccents', () => (text) => text.replace(/\p{Mn}/gu, '')],
  ['Nmt', () => (text) => text.replace(NMT_DROPPED, '').replace(NMT_SPACES, ' ')],
  ['Strip', compileStrip],
  ['Replace', compileReplace],
  ['Prepend', compilePrepend],
  ['Precompiled', compilePrecompiled],
]);

function compileStrip({ strip_left: left, strip_right: right }: Json): Step {
  return (text) => {
    const begun = left === true ? text.replace(/^\p{White_Space}+/u, '') : text;
    return right === true ? trimEnd(begun) : begun;
  };
}

/** Without white space at the end; an expression for it would be quadratic. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function isSpace(character: string): boolean {
  return /^\p{White_Space}$/u.test(character);
}

function compileReplace({ pattern, content }: Json): Step {
  if (typeof content !== 'string') throw new Error('a Replace has no content');
  const expression = compilePattern(pattern);
  return (text, lengthMax) => {
    let added = 0;
    return text.replace(expression, () => {
      added += content.length;
      // What is replaced takes at most all of the text away.
      if (added > lengthMax + text.length) throw tooLong();
      return content;
    });
  };
}

function compilePrepend({ prepend }: Json): Step {
  if (typeof prepend !== 'string') throw new Error('a Prepend has no text');
  return (text) => (text === '' ? text : prepend + text);
}

/** `rule` is not of tokenizer.json: GGUF looks up the longest match. */
function compilePrecompiled({ precompiled_charsmap: map, rule }: Json): Step {
  if (typeof map !== 'string') throw new Error('a Precompiled has no character map');
  const bytes = Buffer.from(map, 'base64');
  if (bytes.length === 0) return (text) => text;
  const charsmap = new Charsmap(bytes);
  const found = rule === 'longest' ? 'longest' : 'graphemes';
  return (text, lengthMax) => charsmap.apply(text, found, lengthMax);
}
