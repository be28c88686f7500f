/**
 * Stretches of a run's memory, in bytes, and how they are cut into messages.
 */

/** Bytes of a memory, [start, end). */
export interface MemoryRange {
  start: number;
  end: number;
}

/** Longest message across a cut: frames are kept until they are acknowledged. */
const CHUNK_BYTES = 2 ** 20;

/** Joins ranges that touch; ascending. */
export function joined(ranges: readonly MemoryRange[]): MemoryRange[] {
  const list: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = list.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) list.push({ start, end });
  }
  return list;
}

/** The same bytes in pieces of at most `bytesMax`. */
export function chunksOf(
  ranges: readonly MemoryRange[],
  bytesMax: number = CHUNK_BYTES,
): MemoryRange[] {
  return joined(ranges).flatMap(({ start, end }) => {
    const count = Math.ceil((end - start) / bytesMax);
    return Array.from({ length: count }, (_, i) => ({
      start: start + i * bytesMax,
      end: Math.min(end, start + (i + 1) * bytesMax),
    }));
  });
}

/** Bytes of all ranges. */
export function bytesOfRanges(ranges: readonly MemoryRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
