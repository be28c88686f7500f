/**
 * Tokens per second of sequences that run together.
 *
 *   first tokens   │t0 ─── all sequences decode ─── t1│   last tokens
 *
 * Only the time in which every sequence decodes counts: from the moment the last one has its first
 * token to the moment the first one has its last. What came in between is what was decoded then.
 */
import { assert } from '@wafer/core';

/** The rate, from the times in ms at which each sequence's tokens came. */
export function decodeRate(times: readonly (readonly number[])[]): number {
  const start = Math.max(...times.map((each) => each[0]!));
  const end = Math.min(...times.map((each) => each.at(-1)!));
  const inside = (time: number): boolean => time > start && time <= end;
  const count = times.reduce((sum, each) => sum + each.filter(inside).length, 0);
  assert(count > 0, 'all sequences decode at once for a while; ask for more tokens', {
    start,
    end,
  });
  return count / ((end - start) / 1000);
}
