/**
 * Lists of any length. A list that is spread into the arguments of a call takes room on the stack,
 * and some 120,000 values overflow it; these walk it instead.
 */

/** The largest value, or `least` where none is larger; -Infinity of nothing. */
export function maxOf(values: Iterable<number>, least: number = -Infinity): number {
  let max = least;
  for (const value of values) max = Math.max(max, value);
  return max;
}

/** The smallest value, or `most` where none is smaller; Infinity of nothing. */
export function minOf(values: Iterable<number>, most: number = Infinity): number {
  let min = most;
  for (const value of values) min = Math.min(min, value);
  return min;
}

/** Puts values behind a list. */
export function append<Value>(target: Value[], more: Iterable<Value>): void {
  for (const value of more) target.push(value);
}
