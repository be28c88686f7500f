/**
 * Sets of code points as sorted, disjoint ranges: [low, high, low, high, …], both inclusive.
 *
 * Surrogates are no characters, and in no set: UTF-8 cannot write them.
 */

export type Ranges = readonly number[];

const SURROGATE_FIRST = 0xd800;
const SURROGATE_LAST = 0xdfff;
export const CODE_POINT_MAX = 0x10ffff;

/** All characters. */
export const ALL: Ranges = [0, SURROGATE_FIRST - 1, SURROGATE_LAST + 1, CODE_POINT_MAX];

/** Sorts and joins ranges in any order, and takes surrogates out. */
export function toRanges(pairs: readonly number[]): Ranges {
  const sorted: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [low, high] = [pairs[i]!, pairs[i + 1]!];
    if (low < SURROGATE_FIRST) sorted.push([low, Math.min(high, SURROGATE_FIRST - 1)]);
    if (high > SURROGATE_LAST) sorted.push([Math.max(low, SURROGATE_LAST + 1), high]);
  }
  sorted.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [low, high] of sorted) {
    const last = joined.length - 1;
    if (last > 0 && low <= joined[last]! + 1) joined[last] = Math.max(joined[last]!, high);
    else joined.push(low, high);
  }
  return joined;
}

/** The characters that are not in a set. */
export function invertRanges(ranges: Ranges): Ranges {
  const pairs: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > next) pairs.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= CODE_POINT_MAX) pairs.push(next, CODE_POINT_MAX);
  return toRanges(pairs);
}

/** Characters of either set. */
export function joinRanges(sets: readonly Ranges[]): Ranges {
  return toRanges(sets.flat());
}

/** The set of the characters of a text. */
export function rangesOf(text: string): Ranges {
  return toRanges(Array.from(text).flatMap((char) => [char.codePointAt(0)!, char.codePointAt(0)!]));
}
