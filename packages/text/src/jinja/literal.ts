/**
 * Literals of expressions: what stands between quotes, and numbers.
 *
 * Source: the Python language reference, 2.4.1 (escapes) and 2.4.4 (numbers).
 */
import { TemplateFault } from './errors.ts';

const HEX = '[\\da-fA-F]';
const ESCAPE = new RegExp(
  `\\\\(?:([\\\\'"abfnrtv\\n])|([0-7]{1,3})|x(${HEX}{2})|u(${HEX}{4})|U(${HEX}{8})|([^]))`,
  'gu',
);
const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** The value of a literal's inside. Throws: TemplateFault. */
export function unescapeLiteral(inside: string): string {
  if (!inside.includes('\\')) return inside;
  return inside.replace(ESCAPE, (all: string, ...groups: (string | undefined)[]) => {
    const [letter, octal, two, four, eight, other = ''] = groups;
    if (letter !== undefined) return LETTERS[letter] ?? letter;
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const digits = two ?? four ?? eight;
    if (digits !== undefined) return character(digits);
    if (/[xuUN]/.test(other))
      throw new TemplateFault(`the escape ${all} is not whole or not known`);
    return `\\${escaped(other)}`;
  });
}

function character(digits: string): string {
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff) throw new TemplateFault(`no character has the number ${digits}`);
  return String.fromCodePoint(code);
}

/** What Python makes of a backslash before a character outside ASCII: its number, spelled out. */
function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return char;
  const hex = code.toString(16);
  if (code < 0x100) return `x${hex}`;
  return code < 0x10000 ? `u${hex.padStart(4, '0')}` : `U${hex.padStart(8, '0')}`;
}

/** An integer literal's value. */
export function integerValue(text: string): bigint {
  const plain = text.replaceAll('_', '').toLowerCase();
  // A row of zeros is zero; elsewhere no zero leads.
  return /^0+$/.test(plain) ? 0n : BigInt(plain);
}
