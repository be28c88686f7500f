/**
 * Medians and spreads of repeated measurements, and the order in which configurations take turns.
 *
 * A machine that is busy for a second slows whatever runs then; so configurations take turns within
 * every round, the first one changing from round to round, and a row says how far its rounds were
 * apart.
 */
import { assert } from '@wafer/core';

/** What several rounds found. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
  /** (max - min) / median. */
  relative: number;
}

/** Rows that spread by more than this share of their median are marked. */
export const NOISY_SPREAD = 0.2;

/** Median and range of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  assert(values.length > 0, 'there are values to summarize');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  return { median, min, max, count: sorted.length, relative: (max - min) / median };
}

/** The median alone. */
export function medianOf(values: readonly number[]): number {
  return spreadOf(values).median;
}

/** The smallest value that at least this share of all values does not exceed (nearest rank). */
export function quantileOf(values: readonly number[], share: number): number {
  assert(values.length > 0, 'there are values to summarize');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Whether a row is to be read with care. */
export function isNoisy({ relative }: Spread): boolean {
  return relative > NOISY_SPREAD;
}

/** Median of the ratios of two rows, round by round. Both have as many values. */
export function ratioByRound(values: readonly number[], others: readonly number[]): Spread {
  assert(values.length === others.length, 'rounds pair up', { values, others });
  return spreadOf(values.map((value, round) => value / others[round]!));
}

/** The order of a round: everyone once, the first one changing from round to round. */
export function turnsOf<Case>(cases: readonly Case[], round: number): Case[] {
  const first = cases.length === 0 ? 0 : round % cases.length;
  return [...cases.slice(first), ...cases.slice(0, first)];
}
