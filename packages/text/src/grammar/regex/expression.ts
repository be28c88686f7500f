/**
 * Regular expressions as data, and the sets that their escapes stand for.
 */
import { rangesOf, toRanges } from '../dfa/ranges.ts';
import type { Ranges } from '../dfa/ranges.ts';

export type Regex =
  | { kind: 'set'; set: Ranges }
  | { kind: 'cat'; of: readonly Regex[] }
  | { kind: 'or'; of: readonly Regex[] }
  | { kind: 'repeat'; of: Regex; min: number; max: number }
  /** The beginning or the end of the text. */
  | { kind: 'begin' }
  | { kind: 'end' }
  /** What follows does, or does not, match; only where the text begins. */
  | { kind: 'look'; of: Regex; isNegative: boolean };

export const DIGITS: Ranges = rangesOf('0123456789');
export const WORD: Ranges = toRanges([0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]);
/** ECMAScript's white space and line ends. */
export const SPACE: Ranges = toRanges([
  ...[0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff],
]);
export const LINE_ENDS: Ranges = toRanges([0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]);

/** A text, letter by letter. */
export function literal(text: string): Regex {
  return {
    kind: 'cat',
    of: Array.from(text, (char) => ({ kind: 'set', set: rangesOf(char) })),
  };
}
