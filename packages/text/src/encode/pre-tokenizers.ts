/**
 * Pre-tokenizers of tokenizer.json, compiled: they cut normalized text into pieces, inside of which
 * alone the model works.
 *
 * Source: the documentation and behavior of `tokenizers` 0.23.
 */
import { isObject } from '@wafer/core';
import { BYTE_CHARACTERS } from './byte-level.ts';
import { GPT2_EXPRESSION } from './pre-expressions.ts';
import { PIECE_SPACE } from './encoder-spec.ts';
import { compilePattern } from './expressions.ts';

/** Cuts a piece further; `isFirst` tells that it begins the whole text. */
export type Cutter = (piece: string, isFirst: boolean) => string[];

export interface PreTokenizer {
  cut: Cutter;
  /** Pieces are text whose UTF-8 bytes are the model's symbols. */
  isBytes: boolean;
}

type Json = Record<string, unknown>;
type Behavior = 'removed' | 'isolated' | 'mergedwithprevious' | 'mergedwithnext' | 'contiguous';
const BEHAVIORS: readonly string[] = [
  'removed',
  'isolated',
  'mergedwithprevious',
  'mergedwithnext',
  'contiguous',
];

const DEPTH_MAX = 8;
const STEPS_MAX = 64;
/** It stands for each space: a text grows by as much. */
const MARK_LENGTH_MAX = 64;
const TEXT = new TextEncoder();

/** Compiles a pre-tokenizer; null is none. Throws: an Error with the reason. */
export function compilePreTokenizer(json: unknown): PreTokenizer {
  const steps = stepsOf(json, 0);
  if (steps.length > STEPS_MAX) throw new Error('a pre-tokenizer has too many steps');
  const isBytes = steps.at(-1)?.['type'] === 'ByteLevel';
  const cuts = steps.flatMap((step, index) => {
    const cut = compileStep(step, isBytes && index === steps.length - 1);
    return cut === undefined ? [] : [cut];
  });
  return { cut: join(cuts), isBytes };
}

function stepsOf(json: unknown, depth: number): Json[] {
  if (json === null || json === undefined) return [];
  if (!isObject(json) || depth > DEPTH_MAX) throw new Error('a pre-tokenizer is no component');
  if (json['type'] !== 'Sequence') return [json];
  const list = json['pretokenizers'];
  if (!Array.isArray(list)) throw new Error('a sequence of pre-tokenizers is no list');
  return list.flatMap((step: unknown) => stepsOf(step, depth + 1));
}

function join(cuts: readonly Cutter[]): Cutter {
  const [only] = cuts;
  if (only === undefined) return (piece) => [piece];
  if (cuts.length === 1) return only;
  return (piece, isFirst) => {
    let pieces = [piece];
    for (const cut of cuts) {
      const next: string[] = [];
      pieces.forEach((part, index) => {
        for (const inner of cut(part, isFirst && index === 0)) next.push(inner);
      });
      pieces = next;
    }
    return pieces;
  };
}

/** A step as a cut; undefined for one that cuts nothing. */
function compileStep(step: Json, staysText: boolean): Cutter | undefined {
  switch (step['type']) {
    case 'Split':
      return splitter(compilePattern(step['pattern']), behaviorOf(step), step['invert'] === true);
    case 'ByteLevel':
      return compileByteLevel(step, staysText);
    case 'Metaspace':
      return compileMetaspace(step);
    case 'Digits':
      return splitter(
        /\p{Nd}|\p{Nl}|\p{No}/gu,
        step['individual_digits'] === true ? 'isolated' : 'contiguous',
      );
    case 'Punctuation':
      return splitter(/[\p{P}!-/:-@[-`{-~]/gu, behaviorOf(step));
    case 'Whitespace':
      return splitter(
        /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{White_Space}]+/gu,
        'removed',
        true,
      );
    case 'WhitespaceSplit':
      return splitter(/\p{White_Space}/gu, 'removed');
    default:
      throw new Error(`unknown pre-tokenizer ${String(step['type']).slice(0, 32)}`);
  }
}

function behaviorOf({ behavior = 'isolated' }: Json): Behavior {
  const name = String(behavior).toLowerCase();
  if (!BEHAVIORS.includes(name)) throw new Error(`unknown behavior ${name.slice(0, 32)}`);
  return name as Behavior;
}

function compileByteLevel(step: Json, staysText: boolean): Cutter | undefined {
  const prefix = step['add_prefix_space'] === true ? ' ' : '';
  const cut =
    step['use_regex'] === false
      ? undefined
      : splitter(compilePattern({ Regex: GPT2_EXPRESSION }), 'isolated');
  if (staysText && prefix === '') return cut;
  return (piece, isFirst) => {
    const text = piece.startsWith(' ') ? piece : prefix + piece;
    const parts = cut?.(text, isFirst) ?? [text];
    return staysText ? parts : parts.map(inAlphabet);
  };
}

function inAlphabet(piece: string): string {
  return Array.from(TEXT.encode(piece), (byte) => BYTE_CHARACTERS[byte]).join('');
}

function compileMetaspace(step: Json): Cutter {
  const mark = step['replacement'] ?? PIECE_SPACE;
  if (typeof mark !== 'string' || mark === '') throw new Error('a Metaspace has no replacement');
  if (mark.length > MARK_LENGTH_MAX) throw new Error('a Metaspace has a long replacement');
  const old = step['add_prefix_space'] === false ? 'never' : 'always';
  const scheme = step['prepend_scheme'] ?? old;
  const cut = splitter(new RegExp(RegExp.escape(mark), 'gu'), 'mergedwithnext');
  return (piece, isFirst) => {
    const marked = piece.replaceAll(' ', mark);
    const isAsked = scheme === 'always' || (scheme === 'first' && isFirst);
    const text = isAsked && !marked.startsWith(mark) ? mark + marked : marked;
    return step['split'] === false ? [text] : cut(text, isFirst);
  };
}

// ---- splitting

/** Cuts at the matches of an expression; `inverts` swaps matches and what lies between them. */
function splitter(expression: RegExp, behavior: Behavior, inverts = false): Cutter {
  return (piece) => {
    if (piece === '') return [];
    if (behavior === 'isolated' && !inverts) {
      // Most expressions match all of the text: then there is nothing between the matches.
      const matches: readonly string[] = piece.match(expression) ?? [];
      let length = 0;
      for (const match of matches) length += match.length;
      if (length === piece.length && !matches.includes('')) return [...matches];
    }
    return gather(partsOf(piece, expression, inverts), behavior);
  };
}

interface Part {
  text: string;
  isMatch: boolean;
}

function partsOf(piece: string, expression: RegExp, inverts: boolean): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const add = (until: number, isMatch: boolean): void => {
    if (until > end) parts.push({ text: piece.slice(end, until), isMatch: isMatch !== inverts });
    end = until;
  };
  for (const match of piece.matchAll(expression)) {
    add(match.index, false);
    add(match.index + match[0].length, true);
  }
  add(piece.length, false);
  return parts;
}

function gather(parts: readonly Part[], behavior: Behavior): string[] {
  if (behavior === 'removed') return parts.flatMap((part) => (part.isMatch ? [] : part.text));
  if (behavior === 'isolated') return parts.map(({ text }) => text);
  const joinsTo = (part: Part, before: Part): boolean => {
    if (behavior === 'contiguous') return part.isMatch === before.isMatch;
    if (behavior === 'mergedwithprevious') return part.isMatch && !before.isMatch;
    return !part.isMatch && before.isMatch;
  };
  const groups: string[][] = [];
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before !== undefined && joinsTo(part, before)) groups.at(-1)?.push(part.text);
    else groups.push([part.text]);
  });
  return groups.map((group) => group.join(''));
}
