/**
 * Attributes of numbers.
 *
 * Source: the Python standard library, "Additional Methods on Integer Types" and "on Float".
 */
import { truncate } from './numbers.ts';
import { method } from './signature.ts';
import { numberOf, type Value } from './values.ts';

/** An attribute of a number; undefined where Python has none. */
export function numberAttribute(value: boolean | bigint | number, name: string): Value | undefined {
  const number = numberOf(value);
  const isFloat = typeof number === 'number';
  switch (name) {
    case 'real':
      return number;
    case 'imag':
      return isFloat ? 0 : 0n;
    case 'conjugate':
      return method(name, [0, 0], () => number);
    case 'numerator':
      return isFloat ? undefined : number;
    case 'denominator':
      return isFloat ? undefined : 1n;
    case 'is_integer':
      return isFloat ? method(name, [0, 0], () => isWhole(number)) : undefined;
    case 'bit_length':
      return isFloat ? undefined : method(name, [0, 0], () => BigInt(binary(number).length));
    case 'bit_count':
      return isFloat
        ? undefined
        : method(name, [0, 0], () => BigInt(binary(number).replaceAll('0', '').length));
    default:
      return undefined;
  }
}

function isWhole(value: number): boolean {
  return Number.isFinite(value) && Number(truncate(value)) === value;
}

function binary(value: bigint): string {
  const size = value < 0n ? -value : value;
  return size === 0n ? '' : size.toString(2);
}
