/**
 * `text % values`: C's way of putting values into a text, as Python has it.
 *
 * Source: the Python standard library, "printf-style String Formatting".
 */
import { OverflowFault, TypeFault, ValueFault } from './errors.ts';
import { escapeText } from './html.ts';
import { formatFloat, formatInteger } from './number-format.ts';
import { toFloat, truncate } from './numbers.ts';
import { padText } from './pad.ts';
import { characters, clean, lengthOf, sliceText } from './text.ts';
import {
  Dict,
  isInteger,
  isNumber,
  isText,
  Markup,
  numberOf,
  RangeValue,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';
import { codeEscape, represent, write } from './write.ts';

const SPEC = /%(?:\(([^()]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([^]?)/gu;
const DOT = /^%(?:\([^()]*\))?[-+ #0]*(?:\*|\d+)?\./u;

interface Spec {
  flags: string;
  width: number;
  precision: number | undefined;
  kind: string;
}

/** Puts values into a text. Throws: TypeFault, ValueFault. */
export function formatPercent(format: string | Markup, values: Value): Value {
  const isSafe = format instanceof Markup;
  const source = new Values(values);
  const text = textOf(format);
  const plain = clean(text);
  let made = '';
  let end = 0;
  for (const match of plain.matchAll(SPEC)) {
    const [all, name, flags = '', width, precision, kind = ''] = match;
    made += text.slice(end, match.index);
    end = match.index + all.length;
    if (kind === '') throw new ValueFault('incomplete format');
    const spec: Spec = {
      flags,
      width: width === '*' ? Number(source.next()) : Number(width ?? 0),
      precision: DOT.test(all)
        ? precision === '*'
          ? Number(source.next())
          : Number(precision ?? 0)
        : undefined,
      kind,
    };
    if (kind === '%') made += '%';
    else made += convert(name === undefined ? source.next() : source.named(name), spec, isSafe);
  }
  source.finish();
  const whole = made + text.slice(end);
  return isSafe ? new Markup(whole) : whole;
}

/** What is to be put in: the items of a tuple, the values of a dict, or one value. */
class Values {
  readonly #values: Value;
  #next = 0;

  constructor(values: Value) {
    this.#values = values;
  }

  next(): Value {
    const list = this.#values instanceof Tuple ? this.#values.items : [this.#values];
    const value = list[this.#next++];
    if (value === undefined) throw new TypeFault('not enough arguments for format string');
    return value;
  }

  named(name: string): Value {
    if (!(this.#values instanceof Dict)) throw new TypeFault('format requires a mapping');
    const value = this.#values.get(name);
    if (value === undefined) throw new ValueFault(`no value named '${name}'`);
    this.#next = 1;
    return value;
  }

  finish(): void {
    const values = this.#values;
    const count = values instanceof Tuple ? values.items.length : 1;
    if (this.#next < count && !isMapping(values)) {
      throw new TypeFault('not all arguments converted during string formatting');
    }
  }
}

/** Whether Python takes it for a mapping, of which not all has to be put in: what has items. */
function isMapping(values: Value): boolean {
  return (
    Array.isArray(values) ||
    values instanceof Dict ||
    values instanceof RangeValue ||
    values instanceof Undefined
  );
}

function convert(value: Value, spec: Spec, isSafe: boolean): string {
  const { flags, width, kind } = spec;
  const isLeft = flags.includes('-') || width < 0;
  const size = Math.abs(width);
  if ('sra'.includes(kind)) {
    const text = kind === 's' ? write(value) : kind === 'r' ? represent(value) : ascii(value);
    const shown = spec.precision === undefined ? text : sliceText(text, 0, spec.precision);
    const safe = isSafe && !(value instanceof Markup) ? escapeText(shown) : shown;
    return padText(safe, { width: size, fill: ' ', side: isLeft ? 'left' : 'right' });
  }
  if (kind === 'c') {
    return padText(character(value), { width: size, fill: ' ', side: isLeft ? 'left' : 'right' });
  }
  const text = formatNumber(value, spec);
  if (isLeft || !flags.includes('0')) {
    return padText(text, { width: size, fill: ' ', side: isLeft ? 'left' : 'right' });
  }
  const [sign = ''] = /^[+ -]?(?:0[xXo])?/.exec(text) ?? [];
  return sign + '0'.repeat(Math.max(0, size - lengthOf(text))) + text.slice(sign.length);
}

function ascii(value: Value): string {
  const parts = characters(represent(value)).map((char) => {
    const plain = clean(char);
    return (plain.codePointAt(0) ?? 0) < 0x80 ? char : codeEscape(plain);
  });
  return parts.join('');
}

function character(value: Value): string {
  if (isText(value)) {
    if (lengthOf(textOf(value)) !== 1) throw new TypeFault('%c requires int or char');
    return textOf(value);
  }
  if (!isInteger(value)) throw new TypeFault('%c requires int or char');
  const code = Number(numberOf(value));
  if (code < 0 || code > 0x10ffff) throw new OverflowFault('%c arg not in range(0x110000)');
  return String.fromCodePoint(code);
}

function formatNumber(value: Value, { flags, precision, kind }: Spec): string {
  if (!isNumber(value)) {
    throw new TypeFault(`%${kind} format: a number is required, not ${typeName(value)}`);
  }
  const number = numberOf(value);
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const isAlternate = flags.includes('#');
  if ('diuxXo'.includes(kind)) {
    if (typeof number === 'number' && 'xXo'.includes(kind)) {
      throw new TypeFault(`%${kind} format: an integer is required, not float`);
    }
    const whole = typeof number === 'number' ? truncate(number) : number;
    const digits = formatInteger(whole < 0n ? -whole : whole, 'diu'.includes(kind) ? 'd' : kind);
    const prefix = isAlternate && !'diu'.includes(kind) ? `0${kind}` : '';
    return (whole < 0n ? '-' : sign) + prefix + digits.padStart(precision ?? 0, '0');
  }
  if (!'eEfFgG'.includes(kind)) throw new ValueFault(`unsupported format character '${kind}'`);
  const float = toFloat(number);
  const isNegative = float < 0 || Object.is(float, -0);
  const digits = formatFloat(Math.abs(float), { kind, precision: precision ?? 6, isAlternate });
  return (isNegative ? '-' : sign) + digits;
}
