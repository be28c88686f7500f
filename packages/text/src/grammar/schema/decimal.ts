/**
 * Decimal numbers as texts compare them: a sign, the digits before the point, those behind it.
 */

export interface Decimal {
  isNegative: boolean;
  /** Without leading zeros; '' for none. */
  whole: string;
  /** Without trailing zeros. */
  fraction: string;
}

/** A number as a decimal, without its exponent. */
export function decimalOf(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(Math.abs(value)).split('e');
  const [before = '', after = ''] = mantissa.split('.');
  const shift = Number(exponent);
  const digits = before + after;
  const point = before.length + shift;
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(0, point);
  return {
    isNegative: value < 0,
    whole: padded.slice(0, at).replace(/^0+/, ''),
    fraction: padded.slice(at).replace(/0+$/, ''),
  };
}

/** A positive decimal as whole · 10^-places, with as few places as there are. */
export function scaledOf({ whole, fraction }: Decimal): { whole: bigint; places: number } {
  return { whole: BigInt(whole + fraction || '0'), places: fraction.length };
}
