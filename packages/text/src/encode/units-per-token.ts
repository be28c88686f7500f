/**
 * How much text one token takes at most, from a tokenizer's description alone: a text of n units
 * then has at least n / most tokens, and what cannot fit is refused before it is read.
 *
 * It says Infinity wherever text may be dropped, joined or shortened on its way to the model.
 */
import { isObject } from '@wafer/core';
import { BYTE_CHARACTERS } from './byte-level.ts';
import type { EncoderSpec, PieceModelSpec } from './encoder-spec.ts';

type Json = Record<string, unknown>;

/** Components nest a few deep; deeper ones were refused before. */
const DEPTH_MAX = 8;

/** Composing makes one unit of at most four: a Greek letter and its three accents. */
const COMPOSED_UNITS = 4;

/** UTF-16 units of a text that one id stands for at most; `isBytes`: byte-level. */
export function unitsPerToken(spec: EncoderSpec, isBytes: boolean): number {
  const { added, normalizer, preTokenizer, model } = spec;
  if (added.some(({ stripsLeft, stripsRight }) => stripsLeft || stripsRight)) return Infinity;
  const cuts = componentsOf(preTokenizer, 'pretokenizers');
  if (!cuts.every(keepsText) || !namesAll(model, isBytes)) return Infinity;
  // A character without a token is one id, or more.
  let longest = 2;
  for (const [text] of model.vocabulary()) longest = Math.max(longest, text.length);
  for (const { content } of added) longest = Math.max(longest, content.length);
  const steps = componentsOf(normalizer, 'normalizers');
  return steps.reduce((most, step) => most * shrinkage(step), longest);
}

function componentsOf(json: unknown, inside: string, depth = 0): Json[] {
  if (!isObject(json) || depth > DEPTH_MAX) return [];
  const list = json[inside];
  if (!Array.isArray(list)) return [json];
  return list.flatMap((item) => componentsOf(item, inside, depth + 1));
}

/** How many units of its input a normalizer makes one of, at most. */
function shrinkage(step: Json): number {
  const { type, pattern, content } = step;
  if (type === 'Prepend') return 1;
  if (type === 'NFC') return COMPOSED_UNITS;
  const text = isObject(pattern) ? pattern['String'] : undefined;
  const isReplace = type === 'Replace' && typeof text === 'string' && typeof content === 'string';
  return isReplace && content.length >= text.length ? 1 : Infinity;
}

/** Whether a pre-tokenizer only cuts. */
function keepsText({ type, behavior }: Json): boolean {
  if (type === 'ByteLevel' || type === 'Digits' || type === 'Metaspace') return true;
  const isSplit = type === 'Split' || type === 'Punctuation';
  return isSplit && String(behavior).toLowerCase() !== 'removed';
}

/** Whether every character becomes at least one id. */
function namesAll(model: PieceModelSpec, isBytes: boolean): boolean {
  const { usesBytes, unknown, fusesUnknown } = model.fallback;
  // Unigram joins a run of unknown characters itself.
  const joins = fusesUnknown || model.kind === 'unigram';
  if (!isBytes && unknown !== undefined && !joins) return true;
  if (!isBytes && !usesBytes) return false;
  const names = isBytes ? BYTE_CHARACTERS : Array.from({ length: 256 }, (_, byte) => nameOf(byte));
  const missing = new Set(names);
  for (const [text] of model.vocabulary()) missing.delete(text);
  return missing.size === 0;
}

function nameOf(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}
