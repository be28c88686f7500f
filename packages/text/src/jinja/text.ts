/**
 * Texts as Python has them: of code points, with Python's idea of white space; and **stand-ins**.
 *
 * Characters that people wrote and that could begin a special token come in as private-use
 * characters of the same length, one for each. Every operation looks at what they stand for
 * (`clean`), and takes its result out of the text itself, at the same indices; so templates see
 * the plain text, and what they pass on still tells whose it is. Which characters stand for which
 * is set for one rendering at a time.
 */

/** What Python's `str.isspace` takes for white space, for use in a character class. */
export const SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const LINE_ENDS = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
/** Where Python's `splitlines` ends a line. */
export const LINE_END: RegExp = new RegExp(`\\r\\n|[${LINE_ENDS}]`, 'g');

/** Stand-ins and what they stand for. */
export type StandIns = readonly (readonly [standIn: string, meant: string])[];

interface StandInTable {
  meant: ReadonlyMap<string, string>;
  standIns: ReadonlyMap<string, string>;
  pattern: RegExp;
}

let active: StandInTable | undefined;

/** Runs a rendering in which characters stand for others. */
export function withStandIns<T>(standIns: StandIns, run: () => T): T {
  const before = active;
  active =
    standIns.length === 0
      ? undefined
      : {
          meant: new Map(standIns),
          standIns: new Map(standIns.map(([standIn, meant]) => [meant, standIn])),
          pattern: new RegExp(`[${standIns.map(([standIn]) => standIn).join('')}]`, 'gu'),
        };
  try {
    return run();
  } finally {
    active = before;
  }
}

/** What a text says, stand-ins replaced; as long as the text. */
export function clean(text: string): string {
  if (active === undefined) return text;
  const { meant, pattern } = active;
  return text.replace(pattern, (standIn) => meant.get(standIn) ?? standIn);
}

/** A text made anew out of each part of another; parts made of stand-ins become stand-ins. */
export function mapText(text: string, change: (part: string) => string): string {
  if (active === undefined || text.search(active.pattern) === -1) return change(text);
  const { meant, pattern, standIns } = active;
  let made = '';
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) made += change(text.slice(end, match.index));
    const changed = change(meant.get(match[0]) ?? match[0]);
    for (const char of changed) made += standIns.get(char) ?? char;
    end = match.index + match[0].length;
  }
  return end < text.length ? made + change(text.slice(end)) : made;
}

/** The characters of a text: code points. */
export function characters(text: string): string[] {
  return Array.from(text);
}

const SURROGATE = /[\ud800-\udfff]/;

/** How many code points a text has. */
export function lengthOf(text: string): number {
  return SURROGATE.test(text) ? characters(text).length : text.length;
}

/** Code points from one index to another. */
export function sliceText(text: string, start: number, stop: number): string {
  if (!SURROGATE.test(text)) return text.slice(start, Math.max(start, stop));
  return characters(text).slice(start, Math.max(start, stop)).join('');
}

/** The index of the code point at a place in the text. */
export function characterIndex(text: string, unit: number): number {
  return unit < 0 ? unit : lengthOf(text.slice(0, unit));
}

/** Orders by code points: negative, zero or positive. */
export function compareText(first: string, second: string): number {
  const [a, b] = [clean(first), clean(second)];
  if (a === b) return 0;
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  const [left, right] = [characters(a), characters(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Places where a part occurs, none within another. */
export function occurrences(text: string, part: string, countMax: number): number[] {
  const [all, wanted] = [clean(text), clean(part)];
  const found: number[] = [];
  for (let at = all.indexOf(wanted); at !== -1 && found.length < countMax;) {
    found.push(at);
    at = all.indexOf(wanted, at + wanted.length);
  }
  return found;
}
