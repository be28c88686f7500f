/**
 * Normalizers of tokenizer.json, compiled to functions.
 *
 * Source: the documentation and behaviour of `tokenizers` 0.23.
 */
import { isObject } from '../load/json.ts';
import { Charsmap } from './charsmap.ts';
import { compilePattern } from './expressions.ts';

export type Normalize = (text: string) => string;

/** Components nest a few deep; a bound keeps hostile ones from overflowing the stack. */
const DEPTH_MAX = 8;

/** Control characters that Nmt drops, and those it makes spaces. */
// oxlint-disable-next-line no-control-regex
const NMT_DROPPED = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
// oxlint-disable-next-line no-control-regex, no-irregular-whitespace
const NMT_SPACES = /[\u0009\u000a\u000c\u000d\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

/** Compiles a normalizer; null is none. Throws: an Error with the reason. */
export function compileNormalizer(json: unknown, depth = 0): Normalize {
  if (json === null || json === undefined) return (text) => text;
  if (!isObject(json) || depth > DEPTH_MAX) throw new Error('a normalizer is no component');
  const { type } = json;
  if (type === 'Sequence') return compileSequence(json, depth);
  const make = NORMALIZERS.get(String(type));
  if (make === undefined) throw new Error(`unknown normalizer ${String(type).slice(0, 32)}`);
  return make(json);
}

function compileSequence({ normalizers }: Record<string, unknown>, depth: number): Normalize {
  if (!Array.isArray(normalizers)) throw new Error('a sequence of normalizers is no list');
  const steps = normalizers.map((step: unknown) => compileNormalizer(step, depth + 1));
  return (text) => steps.reduce((before, step) => step(before), text);
}

type Make = (json: Record<string, unknown>) => Normalize;

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

function compileStrip({
  strip_left: left,
  strip_right: right,
}: Record<string, unknown>): Normalize {
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

function compileReplace({ pattern, content }: Record<string, unknown>): Normalize {
  if (typeof content !== 'string') throw new Error('a Replace has no content');
  const expression = compilePattern(pattern);
  return (text) => text.replace(expression, () => content);
}

function compilePrepend({ prepend }: Record<string, unknown>): Normalize {
  if (typeof prepend !== 'string') throw new Error('a Prepend has no text');
  return (text) => (text === '' ? text : prepend + text);
}

/** `rule` is not of tokenizer.json: GGUF looks up the longest match. */
function compilePrecompiled({
  precompiled_charsmap: map,
  rule,
}: Record<string, unknown>): Normalize {
  if (typeof map !== 'string') throw new Error('a Precompiled has no character map');
  const bytes = Buffer.from(map, 'base64');
  if (bytes.length === 0) return (text) => text;
  const charsmap = new Charsmap(bytes);
  return (text) => charsmap.apply(text, rule === 'longest' ? 'longest' : 'graphemes');
}
