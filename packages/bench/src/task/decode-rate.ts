/**
 * Tokens per second of sequences that run together.
 *
 *   first tokens   │start ─── all sequences decode ─── end│   last tokens
 *
 * Only the time in which every sequence decodes counts: from the moment the last one has its first
 * token to the moment the first one has its last. What came in between is what was decoded then.
 * Where there is hardly such a time, as in a tiny model that answers before the next question is
 * asked,
 * all the time counts, and all tokens after each sequence's first.
 */
import { assert, maxOf, minOf } from '@wafer/core';

/**
 * Share of the time in which all must decode for it to count alone: within a sliver of it a burst
 * of tokens that waited for one another looks faster than any machine.
 */
const OVERLAP_MIN = 0.1;

/** The rate, from the times in ms at which each sequence's tokens came: two or more of each. */
export function decodeRate(times: readonly (readonly number[])[]): number {
  assert(times.length > 0 && times.every(({ length }) => length > 1), 'sequences decode', {
    lengths: times.map(({ length }) => length),
  });
  const firsts = times.map((each) => each[0]!);
  const lasts = times.map((each) => each.at(-1)!);
  const [start, end] = [maxOf(firsts), minOf(lasts)];
  const isInside = (time: number): boolean => time > start && time <= end;
  const count = times.reduce((sum, each) => sum + each.filter(isInside).length, 0);
  const wholeMs = maxOf(lasts) - minOf(firsts);
  if (count > 0 && end - start >= wholeMs * OVERLAP_MIN) return count / ((end - start) / 1000);
  const all = times.reduce((sum, each) => sum + each.length - 1, 0);
  return all / (wholeMs / 1000);
}
