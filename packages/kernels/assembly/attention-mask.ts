/**
 * Where rows of attention are, and what they see. A row is one query of one head of [T][group].
 */

/** From the state of rows to the spare row; after it, room for a head of a KV block as f32. */
export const SPARE: usize = 304;

/** Address of a row of [T][group] heads. */
// @ts-ignore: decorator
@inline
export function rowAt(base: usize, stride: usize, row: i32, group: i32, rowBytes: usize): usize {
  const t = row / group;
  return base + stride * t + rowBytes * (row - t * group);
}

/** The first position that a query sees. */
// @ts-ignore: decorator
@inline
export function firstSeen(position: i32, windowTokens: i32, isChunk: i32): i32 {
  if (windowTokens === 0) return 0;
  return isChunk !== 0 ? position - (position % windowTokens) : max(0, position - windowTokens + 1);
}

/** The lanes of the block from `b` on that a query at `position` sees, from `first` on. */
// @ts-ignore: decorator
@inline
export function seen(first: i32, position: i32, b: i32): i32 {
  const upTo = 0xffff >> max(0, min(16, 15 - position + b));
  return upTo & (0xffff << max(0, min(16, first - b)));
}

/** Address of the sink of a row's head; 0 without sinks. */
// @ts-ignore: decorator
@inline
export function sinkOf(sinks: usize, row: i32, group: i32): usize {
  return sinks === 0 ? 0 : sinks + (<usize>(row % group) << 2);
}
