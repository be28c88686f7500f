/**
 * Times and rates on the command line: a number with its unit, and ranges of them.
 */
import { InvalidArgumentError } from 'commander';
import type { QuantityRange } from '@wafer/bench';

const NS_OF_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6 };
const BYTES_PER_S_OF_UNIT: Readonly<Record<string, number>> = {
  'MB/s': 1e6,
  'GB/s': 1e9,
  'TB/s': 1e12,
};

/** A time as `500ns`, `1.5us` or `2ms`, in ns. */
export function readDurationNs(text: string): number {
  return readQuantity(text, NS_OF_UNIT, 'a time, as 500ns or 1.5us');
}

/** A rate as `450GB/s`, in bytes per second. */
export function readRate(text: string): number {
  return readQuantity(text, BYTES_PER_S_OF_UNIT, 'a rate above 0, as 450GB/s');
}

/** Times from a to b, as `0..100us`; the first may leave the unit to the second. */
export function readDurationRange(text: string): QuantityRange {
  return readRange(text, readDurationNs, 'a range of times, as 0..100us');
}

/** Rates from a to b, as `1..900GB/s`. */
export function readRateRange(text: string): QuantityRange {
  const range = readRange(text, readRate, 'a range of rates, as 1..900GB/s');
  if (range.low > 0) return range;
  throw new InvalidArgumentError('Expected rates above 0.');
}

function readQuantity(
  text: string,
  units: Readonly<Record<string, number>>,
  expected: string,
): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z/]+)$/.exec(text.trim());
  const factor = Object.hasOwn(units, match?.[2] ?? '') ? units[match![2]!] : undefined;
  const value = Number(match?.[1]) * (factor ?? Number.NaN);
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}

function readRange(text: string, read: (text: string) => number, expected: string): QuantityRange {
  const [first = '', last = '', ...more] = text.split('..');
  const unit = /[A-Za-z/]+$/.exec(last.trim())?.[0] ?? '';
  if (last === '' || more.length > 0) throw new InvalidArgumentError(`Expected ${expected}.`);
  const low = read(/[A-Za-z]/.test(first) ? first : `${first}${unit}`);
  const high = read(last);
  if (low > high || high === 0) throw new InvalidArgumentError(`Expected ${expected}.`);
  return { low, high };
}
