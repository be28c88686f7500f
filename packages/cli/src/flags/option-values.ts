/**
 * Words of the command line as numbers. A word that is none is refused, with what was expected.
 */
import { InvalidArgumentError } from 'commander';
import { isKerfs, parseAddress, parseGrid, WaferError } from '@wafer/core';
import type { ChipAddress } from '@wafer/core';

const BYTES_OF_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const PORT_MAX = 65_535;

/** A whole number from 1 on. */
export function readCount(text: string): number {
  return readWholeFrom(1)(text);
}

/** Reads a whole number from `least` on. */
export function readWholeFrom(least: number): (text: string) => number {
  return (text) => {
    const count = readWhole(text);
    if (count >= least) return count;
    throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
  };
}

/** A whole number from 0 on. */
export function readWhole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Expected a whole number.');
  }
  return value;
}

/** A port of TCP; 0 stands for a free one. */
export function readPort(text: string): number {
  const port = readWhole(text);
  if (port > PORT_MAX) throw new InvalidArgumentError(`Expected a port from 0 to ${PORT_MAX}.`);
  return port;
}

/** A decimal number. */
export function readNumber(text: string): number {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('Expected a number.');
  }
  return value;
}

/** A chance, from 0 to 1. */
export function readChance(text: string): number {
  const share = readNumber(text);
  if (share < 0 || share > 1) throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return share;
}

/** Bytes, as `50331648` or `48MiB`. */
export function readBytes(text: string): number {
  const match = /^(\d+)(KiB|MiB|GiB)?$/.exec(text);
  const bytes = Number(match?.[1]) * BYTES_OF_UNIT[match?.[2] ?? '']!;
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new InvalidArgumentError('Expected bytes, as 50331648 or 48MiB.');
  }
  return bytes;
}

/** Columns × rows, as `2x1`; the text itself. */
export function readGrid(text: string): string {
  try {
    parseGrid(text);
  } catch (error) {
    if (!(error instanceof WaferError)) throw error;
    throw new InvalidArgumentError(`Expected ${String(error.details['expected'])}.`);
  }
  return text;
}

/** Chips across × down, or kerfs as `x1,y2`. */
export function readDice(text: string): string {
  return isKerfs(text) ? text : readGrid(text);
}

/** HOST:PORT. */
export function readAddress(text: string): ChipAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('Expected HOST:PORT.');
  return address;
}

/** Token ids apart by commas, as `1,403,407`. */
export function readTokens(text: string): number[] {
  const tokens = text.split(',').map((word) => word.trim());
  if (!tokens.every((word) => /^\d{1,10}$/.test(word))) {
    throw new InvalidArgumentError('Expected token ids apart by commas, as 1,403,407.');
  }
  return tokens.map(Number);
}

/** Whole numbers from 1 on, apart by commas, as `1,8,32`. */
export function readCounts(text: string): number[] {
  const words = text.split(',').map((word) => word.trim());
  if (!words.every((word) => /^[1-9]\d{0,8}$/.test(word))) {
    throw new InvalidArgumentError('Expected whole numbers apart by commas, as 1,8,32.');
  }
  return words.map(Number);
}

/** Reads known words apart by commas. */
export function readWords<Word extends string>(known: readonly Word[]): (text: string) => Word[] {
  return (text) =>
    text.split(',').map((word) => {
      const found = known.find((other) => other === word.trim());
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`Expected some of ${known.join(', ')}, apart by commas.`);
    });
}

/** A share of what is sorted: above 0, at most a half. */
export function readShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share <= 0.5) return share;
  throw new InvalidArgumentError('Expected a number above 0 and up to 0.5.');
}

/** Which widths of vectors to run: `on` is V8's 256 bits, `off` 128, `both` each in turn. */
export function readVectors(text: string): boolean[] {
  if (text === 'both') return [true, false];
  if (text === 'on' || text === 'off') return [text === 'on'];
  throw new InvalidArgumentError('Expected on, off or both.');
}

/** Collects the values of an option that may be given more than once. */
export function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** A number above 0. */
export function readPositive(text: string): number {
  const value = readNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** Shares from above 0 on, apart by commas, as `0.7,1,3`. */
export function readLoads(text: string): number[] {
  const loads = text.split(',').map((word) => readNumber(word.trim()));
  if (loads.every((load) => load > 0)) return loads;
  throw new InvalidArgumentError('Expected shares above 0 apart by commas, as 0.7,1,3.');
}
