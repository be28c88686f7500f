/**
 * Sets of characters by Unicode property: `\p{L}`, `\p{Script=Greek}`.
 *
 * The engine knows the tables; what it is asked comes from the list below and never from a pattern.
 */
import { toRanges } from '../dfa/ranges.ts';
import type { Ranges } from '../dfa/ranges.ts';

const CATEGORIES =
  'L Lu Ll Lt Lm Lo LC M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp ' +
  'C Cc Cf Co Cn';
const LONG_NAMES: Readonly<Record<string, string>> = {
  ...{ Letter: 'L', Uppercase_Letter: 'Lu', Lowercase_Letter: 'Ll', Titlecase_Letter: 'Lt' },
  ...{ Modifier_Letter: 'Lm', Other_Letter: 'Lo', Cased_Letter: 'LC', Mark: 'M' },
  ...{ Nonspacing_Mark: 'Mn', Spacing_Mark: 'Mc', Enclosing_Mark: 'Me', Number: 'N' },
  ...{ Decimal_Number: 'Nd', digit: 'Nd', Letter_Number: 'Nl', Other_Number: 'No' },
  ...{ Punctuation: 'P', punct: 'P', Symbol: 'S', Math_Symbol: 'Sm', Currency_Symbol: 'Sc' },
  ...{ Separator: 'Z', Space_Separator: 'Zs', Other: 'C', Control: 'Cc', Format: 'Cf' },
};
const BINARY = 'Alphabetic Uppercase Lowercase White_Space ASCII ASCII_Hex_Digit Hex_Digit Any';
const BINARY_MORE = 'Emoji Emoji_Presentation Ideographic ID_Start ID_Continue';
const SCRIPTS =
  'Latin Greek Cyrillic Armenian Hebrew Arabic Devanagari Bengali Thai Hangul Hiragana Katakana ' +
  'Han Georgian Common';

const known = new Map<string, Ranges>();

/** Characters with a property; undefined if it is not one of the list. */
export function propertyRanges(text: string): Ranges | undefined {
  const name = escapeOf(text);
  if (name === undefined) return undefined;
  const ranges = known.get(name) ?? findRanges(name);
  known.set(name, ranges);
  return ranges;
}

function escapeOf(text: string): string | undefined {
  const [name = '', value, ...more] = text.split('=');
  if (more.length > 0) return undefined;
  if (value === undefined) {
    const category = LONG_NAMES[name] ?? name;
    const isKnown = `${CATEGORIES} ${BINARY} ${BINARY_MORE}`.split(' ').includes(category);
    return isKnown ? category : undefined;
  }
  if (name === 'General_Category' || name === 'gc') {
    const category = LONG_NAMES[value] ?? value;
    return CATEGORIES.split(' ').includes(category) ? category : undefined;
  }
  const isScript = ['Script', 'sc', 'Script_Extensions', 'scx'].includes(name);
  return isScript && SCRIPTS.split(' ').includes(value) ? `${name}=${value}` : undefined;
}

function findRanges(name: string): Ranges {
  const expression = new RegExp(`^\\p{${name}}$`, 'u');
  const pairs: number[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code === 0xd800) code = 0xe000;
    if (!expression.test(String.fromCodePoint(code))) continue;
    if (pairs.length > 0 && pairs.at(-1) === code - 1) pairs[pairs.length - 1] = code;
    else pairs.push(code, code);
  }
  return toRanges(pairs);
}
