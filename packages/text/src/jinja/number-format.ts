/**
 * Numbers in the forms that formats ask for: bases, fixed decimals, exponents.
 *
 * Source: the Python standard library, "Format Specification Mini-Language".
 */
import { fixed } from './numbers.ts';

const BASES: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };

/** The digits of a whole number that is not negative. */
export function formatInteger(value: bigint, kind: string): string {
  const digits = value.toString(BASES[kind] ?? 10);
  return kind === 'X' ? digits.toUpperCase() : digits;
}

export interface FloatForm {
  kind: string;
  precision: number;
  /** Keeps the point, and the zeros of `g`. */
  isAlternate: boolean;
}

/** The digits of a float that is not negative. */
export function formatFloat(value: number, form: FloatForm): string {
  const isUpper = form.kind === form.kind.toUpperCase();
  const text = Number.isFinite(value) ? finite(value, form) : Number.isNaN(value) ? 'nan' : 'inf';
  return isUpper ? text.toUpperCase() : text;
}

function finite(value: number, { kind, precision, isAlternate }: FloatForm): string {
  switch (kind.toLowerCase()) {
    case 'f':
      return fixed(value, precision) + (isAlternate && precision === 0 ? '.' : '');
    case 'e':
      return scientific(value, precision, isAlternate);
    default:
      return general(value, Math.max(1, precision), isAlternate);
  }
}

function scientific(value: number, precision: number, isAlternate: boolean): string {
  const { digits, exponent } = rounded(value, precision + 1);
  const point = precision > 0 || isAlternate ? '.' : '';
  const sign = exponent < 0 ? '-' : '+';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0)}${point}${digits.slice(1)}e${sign}${power}`;
}

function general(value: number, precision: number, isAlternate: boolean): string {
  const { digits, exponent } = rounded(value, precision);
  if (exponent < -4 || exponent >= precision) {
    const kept = isAlternate ? digits : digits.replace(/0+$/, '') || '0';
    return scientific(value, kept.length - 1, isAlternate);
  }
  const text = fixed(value, Math.max(0, precision - 1 - exponent));
  if (isAlternate) return text.includes('.') ? text : `${text}.`;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A value's first digits, rounded half to even on its exact value, and its power of ten. */
function rounded(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const exponent = Number(value.toExponential().split('e')[1]);
  const decimals = count - 1 - exponent;
  const text = decimals >= 0 ? fixed(value, decimals) : wholeRounded(value, -decimals);
  const digits = text.replace('.', '').replace(/^0+/, '');
  // Rounding up may take one more digit: 9.99 → 10.0.
  if (digits.length > count) return { digits: digits.slice(0, count), exponent: exponent + 1 };
  return { digits, exponent };
}

/** A large float's digits without its last ones, rounded. */
function wholeRounded(value: number, dropped: number): string {
  const unit = 10n ** BigInt(dropped);
  const whole = BigInt(value);
  const twice = (whole % unit) * 2n;
  const base = whole / unit;
  const isUp = twice > unit || (twice === unit && base % 2n === 1n);
  return (isUp ? base + 1n : base).toString();
}
