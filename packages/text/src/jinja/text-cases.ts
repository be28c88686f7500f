/**
 * Capital and small letters, and kinds of characters, as Python's str tells them.
 *
 * Source: the Unicode standard, 3.13 (default case algorithms); `str` in the Python library.
 */
import { characters, clean, mapText, SPACE } from './text.ts';

/** Letters whose title case is a character of its own, by their capital. */
const TITLES = new Map([
  ['Ǆ', 'ǅ'],
  ['Ǉ', 'ǈ'],
  ['Ǌ', 'ǋ'],
  ['Ǳ', 'ǲ'],
]);

/** A character as it begins a title. */
export function titleCharacter(char: string): string {
  // Georgian letters have capitals, but no title begins with one.
  if (/^[\u10d0-\u10ff]$/.test(char)) return char;
  const upper = char.toUpperCase();
  const single = TITLES.get(upper);
  if (single !== undefined) return single;
  // Greek letters with an iota below: the capital with the iota beside it is one character.
  if (/^[\u1f80-\u1faf\u1fb3\u1fbc\u1fc3\u1fcc\u1ff3\u1ffc]$/.test(char)) return greekTitle(char);
  const [first = '', ...rest] = characters(upper);
  return first + rest.join('').toLowerCase();
}

function greekTitle(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x1fb0) return String.fromCharCode(code | 8);
  return String.fromCharCode((code & 0xfff0) | 0xc);
}

export function upper(text: string): string {
  return mapText(text, (part) => part.toUpperCase());
}

export function lower(text: string): string {
  return mapText(text, (part) => part.toLowerCase());
}

/** A text without the difference between capital and small letters. */
export function foldCase(text: string): string {
  // The letter i without a dot has a capital with none, and is itself when folded.
  const fold = (char: string): string => (char === 'ı' ? char : char.toUpperCase().toLowerCase());
  return mapText(text, (part) => characters(part).map(fold).join(''));
}

export function capitalize(text: string): string {
  const [first = '', ...rest] = characters(text);
  return mapText(first, titleCharacter) + lower(rest.join(''));
}

/** Each word's first letter as a title's, the others small: words are rows of letters. */
export function titleCase(text: string): string {
  const whole = clean(text);
  let isInWord = false;
  const small = characters(whole.toLowerCase());
  const chars = characters(whole);
  // Where small letters take more room, the last sigma is not worth the trouble.
  const isAligned = small.length === chars.length;
  return characters(text)
    .map((char, index) => {
      const wasInWord = isInWord;
      isInWord = isCased(chars[index] ?? '');
      if (!wasInWord) return mapText(char, titleCharacter);
      const part = isAligned ? (small[index] ?? '') : undefined;
      return mapText(char, (plain) => part ?? plain.toLowerCase());
    })
    .join('');
}

export function swapCase(text: string): string {
  return mapText(text, (part) =>
    characters(part)
      .map((char) =>
        isUpper(char) ? char.toLowerCase() : isLower(char) ? char.toUpperCase() : char,
      )
      .join(''),
  );
}

const UPPER = /^\p{Uppercase}$/u;
const LOWER = /^\p{Lowercase}$/u;
const TITLE = /^\p{Lt}$/u;

function isUpper(char: string): boolean {
  return UPPER.test(char);
}

function isLower(char: string): boolean {
  return LOWER.test(char);
}

function isCased(char: string): boolean {
  return isUpper(char) || isLower(char) || TITLE.test(char);
}

const every =
  (pattern: string) =>
  (text: string): boolean =>
    new RegExp(`^${pattern}+$`, 'u').test(text);

/** The questions that `str` answers about all of its characters. */
export const KINDS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['isalpha', every('\\p{L}')],
  ['isalnum', every('[\\p{L}\\p{N}]')],
  ['isdecimal', every('\\p{Nd}')],
  ['isdigit', every('[\\p{Nd}\\u00b2\\u00b3\\u00b9\\u2070\\u2074-\\u2079\\u2080-\\u2089]')],
  ['isnumeric', every('\\p{N}')],
  ['isspace', every(`[${SPACE}]`)],
  ['isidentifier', (text) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(text)],
  ['isascii', (text) => /^[\0-\x7f]*$/.test(text)],
  ['isprintable', (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text)],
  ['isupper', (text) => hasOnly(text, isUpper)],
  ['islower', (text) => hasOnly(text, isLower)],
  ['istitle', isTitle],
]);

/** Whether all letters that have a case have this one, and some do. */
function hasOnly(text: string, isOne: (char: string) => boolean): boolean {
  const cased = characters(text).filter(isCased);
  return cased.length > 0 && cased.every(isOne);
}

function isTitle(text: string): boolean {
  let isInWord = false;
  let isAny = false;
  for (const char of characters(text)) {
    const begins = isUpper(char) || TITLE.test(char);
    if (begins === isInWord && isCased(char)) return false;
    isInWord = isCased(char);
    isAny ||= isInWord;
  }
  return isAny;
}
