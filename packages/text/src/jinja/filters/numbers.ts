/**
 * Filters of numbers, and those that fit any value.
 *
 * Source: Jinja2 3.1, "List of Builtin Filters".
 */
import { TemplateFault, TypeFault, UndefinedFault, ValueFault } from '../errors.ts';
import { OverflowFault } from '../errors.ts';
import { attributeOf } from '../members.ts';
import { formatFloat } from '../number-format.ts';
import { calculate, roundTo, toFloat, truncate } from '../numbers.ts';
import { isTrue } from '../operators.ts';
import type { Filter } from '../scope.ts';
import { asInteger, asText } from '../signature.ts';
import { strip } from '../text-methods.ts';
import { clean } from '../text.ts';
import { isNumber, isText, numberOf, textOf, typeName, Undefined, type Value } from '../values.ts';
import { represent } from '../write.ts';
import { filter, isSet } from './shared.ts';

/** What a str of a number says without space around it, digits of any script as ASCII's. */
function numeral(text: string): string {
  const plain = strip(clean(text), 'both', undefined);
  return plain.replaceAll(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let zero = code;
    // Runs of digits begin with a zero, and hold whole tens where several adjoin.
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
    return String((code - zero) % 10);
  });
}

/** A str as an int of a base, as Python's `int` reads it. Throws: ValueFault. */
export function parseInteger(text: string, base: number): bigint {
  const plain = numeral(text);
  const [, sign = '', prefix = '', digits = ''] = /^([+-]?)(0[xob])?_?([^]*)$/i.exec(plain) ?? [];
  const prefixes: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 };
  const prefixBase = prefixes[prefix.toLowerCase()];
  const isPrefixed = prefixBase !== undefined && (base === 0 || base === prefixBase);
  const body = isPrefixed ? digits : plain.slice(sign.length);
  const real = base === 0 ? (prefixBase ?? 10) : base;
  if (real < 2 || real > 36) throw new ValueFault('int() base must be >= 2 and <= 36, or 0');
  if (!/^[\da-z]+(?:_[\da-z]+)*$/i.test(body)) throw new ValueFault(`'${text}' is no int`);
  let value = 0n;
  for (const char of body.replaceAll('_', '')) {
    const digit = Number.parseInt(char, 36);
    if (digit >= real) throw new ValueFault(`'${text}' is no int of base ${base}`);
    value = value * BigInt(real) + BigInt(digit);
  }
  return sign === '-' ? -value : value;
}

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const NAMED = /^([+-]?)(inf|infinity|nan)$/i;

/** A value as a float, as Python's `float` makes one. Throws: TypeFault, ValueFault. */
export function floatOf(value: Value): number {
  if (value instanceof Undefined) throw value.fail();
  if (isNumber(value)) return toFloat(numberOf(value));
  if (!isText(value)) throw new TypeFault(`no float of '${typeName(value)}'`);
  const text = numeral(textOf(value));
  const [, sign = '', name = ''] = NAMED.exec(text) ?? [];
  if (name !== '') {
    const size = name.toLowerCase() === 'nan' ? Number.NaN : Infinity;
    return sign === '-' ? -size : size;
  }
  if (!FLOAT.test(text)) throw new ValueFault(`could not convert string to float: '${text}'`);
  return Number(text.replaceAll('_', ''));
}

function integerOf(value: Value, base: number): bigint {
  if (value instanceof Undefined) throw value.fail();
  if (isText(value)) return parseInteger(textOf(value), base);
  if (!isNumber(value)) throw new TypeFault(`no int of '${typeName(value)}'`);
  const number = numberOf(value);
  return typeof number === 'number' ? truncate(number) : number;
}

/** What a function gives, or undefined where it throws one of these. */
function attempt<T>(run: () => T, ...faults: (new (message: string) => Error)[]): T | undefined {
  try {
    return run();
  } catch (error) {
    const isExpected = faults.some((fault) => error instanceof fault);
    if (isExpected && !(error instanceof UndefinedFault)) return undefined;
    throw error;
  }
}

const int = filter(['default', 'base'], (value, [missing = 0n, base]) => {
  const whole = attempt(() => integerOf(value, asInteger(base, 10)), TypeFault, ValueFault);
  if (whole !== undefined) return whole;
  const cut = attempt(() => truncate(floatOf(value)), TypeFault, ValueFault, OverflowFault);
  return cut ?? missing;
});

const float = filter(['default'], (value, [missing = 0]) => {
  return attempt(() => floatOf(value), TypeFault, ValueFault) ?? missing;
});

const abs = filter([], (value) => {
  if (value instanceof Undefined) throw value.fail();
  if (!isNumber(value)) throw new TypeFault(`bad operand type for abs(): '${typeName(value)}'`);
  const number = numberOf(value);
  if (typeof number === 'number') return Math.abs(number);
  return number < 0n ? -number : number;
});

const round = filter(['precision', 'method'], (value, [precision = 0n, method = 'common']) => {
  const name = clean(asText(method));
  if (!['common', 'ceil', 'floor'].includes(name)) {
    throw new TemplateFault('method must be common, ceil or floor');
  }
  if (value instanceof Undefined) throw value.fail();
  if (!isNumber(value)) throw new TypeFault(`'${typeName(value)}' cannot be rounded`);
  const number = numberOf(value);
  const decimals = asInteger(precision, 0);
  if (name === 'common') {
    if (typeof number === 'number') return roundTo(number, decimals);
    return decimals >= 0 ? number : roundInteger(number, 10n ** BigInt(-decimals));
  }
  const scale = calculate('**', 10n, BigInt(decimals));
  const scaled = calculate('*', number, scale);
  const whole =
    typeof scaled === 'bigint'
      ? scaled
      : truncate(name === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled));
  return calculate('/', whole, scale);
});

/** Half to even. */
function roundInteger(value: bigint, unit: bigint): bigint {
  const rest = ((value % unit) + unit) % unit;
  const base = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (base / unit) % 2n !== 0n);
  return isUp ? base + unit : base;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

const filesizeformat = filter(['binary'], (value, [isBinary]) => {
  const bytes = floatOf(value);
  const base = isSet(isBinary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${truncate(bytes)} Bytes`;
  let power = 1;
  while (power < UNITS.length - 1 && bytes >= base ** (power + 1)) power++;
  const size = (base * bytes) / base ** (power + 1);
  const unit = UNITS[power] ?? '';
  const name = isSet(isBinary) ? `${unit.charAt(0).toUpperCase()}iB` : unit;
  return `${formatFloat(size, { kind: 'f', precision: 1, isAlternate: false })} ${name}`;
});

const fallback = filter(['default_value', 'boolean'], (value, [missing = '', isBoolean]) => {
  if (value instanceof Undefined) return missing;
  return isSet(isBoolean) && !isTrue(value) ? missing : value;
});

const attr = filter(['name'], (value, [name]) => attributeOnly(value, clean(asText(name))), 1);

/** An attribute, never an item. */
function attributeOnly(value: Value, name: string): Value {
  if (value !== null && typeof value === 'object' && value.constructor.name === 'Dict') {
    const method = attributeOf(value, name);
    const isMethod = typeof method === 'object' && method !== null && 'call' in method;
    return isMethod || method instanceof Undefined ? method : new Undefined(`no '${name}'`);
  }
  return attributeOf(value, name);
}

/** Longer ones Python breaks into lines. */
const PRINT_WIDTH = 80;

const pprint = filter([], (value) => {
  const text = represent(value);
  if (text.length > PRINT_WIDTH || text.includes('{')) {
    throw new TemplateFault('pprint of a dict, or of more than one line, is not available');
  }
  return text;
});

export const NUMBER_FILTERS: readonly (readonly [string, Filter])[] = [
  ['int', int],
  ['float', float],
  ['abs', abs],
  ['round', round],
  ['filesizeformat', filesizeformat],
  ['default', fallback],
  ['d', fallback],
  ['attr', attr],
  ['pprint', pprint],
];
