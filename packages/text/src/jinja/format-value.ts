/**
 * One value in the form that a format specification asks for.
 *
 *     [[fill]align][sign][#][0][width][grouping][.precision][type]
 *
 * Source: the Python standard library, "Format Specification Mini-Language".
 */
import { TypeFault, ValueFault } from './errors.ts';
import { formatFloat, formatInteger } from './number-format.ts';
import { toFloat, writeFloat } from './numbers.ts';
import { padText } from './pad.ts';
import { clean, lengthOf, sliceText } from './text.ts';
import { isNumber, isText, numberOf, textOf, typeName, type Value } from './values.ts';
import { write } from './write.ts';

const SPEC =
  /^(?:([^]?)([<>=^]))?([-+ ]?)(z?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([bcdeEfFgGnosxX%]?)$/u;

interface Spec {
  fill: string;
  align: string;
  sign: string;
  isAlternate: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  kind: string;
}

/** Writes a value. Throws: TypeFault, ValueFault. */
export function formatValue(value: Value, text: string): string {
  if (text === '') return write(value);
  const match = SPEC.exec(clean(text));
  if (match === null) throw new ValueFault(`Invalid format specifier '${text}'`);
  const [, fill, align = '', sign = '', , alternate = '', zero = '', width = ''] = match;
  const spec: Spec = {
    fill: fill === undefined || fill === '' ? (zero === '0' ? '0' : ' ') : fill,
    align: align === '' && zero === '0' ? '=' : align,
    sign,
    isAlternate: alternate === '#',
    width: Number(width),
    grouping: match[8] ?? '',
    precision: match[9] === undefined ? undefined : Number(match[9]),
    kind: match[10] ?? '',
  };
  if (isText(value)) return formatString(textOf(value), spec, zero === '0');
  const isFlag = typeof value === 'boolean' && spec.kind === '';
  if (isNumber(value) && !isFlag) return formatNumber(numberOf(value), spec);
  if (isNumber(value)) return formatNumber(numberOf(value), { ...spec, kind: 'd' });
  throw new TypeFault(`unsupported format string passed to ${typeName(value)}`);
}

function formatString(text: string, spec: Spec, hasZero: boolean): string {
  const { align, fill, width, precision, kind } = spec;
  if (kind !== '' && kind !== 's') throw new ValueFault(`Unknown format code '${kind}' for str`);
  if (align === '=' && !hasZero) throw new ValueFault("'=' alignment not allowed in str format");
  const shown = precision === undefined ? text : sliceText(text, 0, precision);
  const side = align === '>' ? 'right' : align === '^' ? 'center' : 'left';
  return side === 'center' ? centered(shown, width, fill) : padText(shown, { width, fill, side });
}

function centered(text: string, width: number, fill: string): string {
  const room = Math.max(0, width - lengthOf(text));
  const before = Math.floor(room / 2);
  return fill.repeat(before) + text + fill.repeat(room - before);
}

function formatNumber(value: bigint | number, spec: Spec): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const size = isNegative ? -value : value;
  const body = typeof size === 'bigint' ? integerBody(size, spec) : floatBody(size, spec);
  const sign = isNegative ? '-' : spec.sign === '-' ? '' : spec.sign;
  const { fill, align, width } = spec;
  if (align === '=') {
    const zeros = Math.max(0, width - lengthOf(sign + body));
    return sign + fill.repeat(zeros) + body;
  }
  if (align === '^') return centered(sign + body, width, fill);
  return padText(sign + body, { width, fill, side: align === '<' ? 'left' : 'right' });
}

function integerBody(value: bigint, spec: Spec): string {
  const { kind, isAlternate, grouping } = spec;
  if ('eEfFgG%'.includes(kind) && kind !== '') return floatBody(toFloat(value), spec);
  if (spec.precision !== undefined) throw new ValueFault('Precision not allowed in integer format');
  if (kind === 's') throw new ValueFault("Unknown format code 's' for int");
  if (kind === 'c') return String.fromCodePoint(Number(value));
  const digits = formatInteger(value, kind === '' || kind === 'n' ? 'd' : kind);
  const isDecimal = kind === '' || kind === 'd' || kind === 'n';
  const prefix = isAlternate && !isDecimal ? `0${kind}` : '';
  return prefix + group(digits, grouping, isDecimal ? 3 : 4);
}

function floatBody(value: number, spec: Spec): string {
  const { kind, precision, isAlternate, grouping } = spec;
  if ('bcdosxX'.includes(kind) && kind !== '') {
    throw new ValueFault(`Unknown format code '${kind}' for float`);
  }
  const [whole = '', ...rest] = floatDigits(value, { kind, precision, isAlternate }).split('.');
  return [group(whole, grouping, 3), ...rest].join('.');
}

function floatDigits(
  value: number,
  { kind, precision, isAlternate }: Pick<Spec, 'kind' | 'precision' | 'isAlternate'>,
): string {
  if (kind === '%') {
    return `${formatFloat(value * 100, { kind: 'f', precision: precision ?? 6, isAlternate })}%`;
  }
  if (kind !== '') return formatFloat(value, { kind, precision: precision ?? 6, isAlternate });
  if (precision === undefined) return writeFloat(value);
  const text = formatFloat(value, { kind: 'g', precision, isAlternate });
  // Without a type there is at least one decimal, unless there is an exponent.
  return /[.en]/.test(text) ? text : `${text}.0`;
}

function group(digits: string, separator: string, size: number): string {
  if (separator === '' || !/^[\da-fA-F]+/.test(digits)) return digits;
  const [whole = ''] = /^[\da-fA-F]+/.exec(digits) ?? [];
  const grouped = whole.replace(new RegExp(`\\B(?=(?:[\\da-fA-F]{${size}})+$)`, 'g'), separator);
  return grouped + digits.slice(whole.length);
}
