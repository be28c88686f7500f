/**
 * Reductions over one row of logits, [V]: what sampling needs.
 *
 * Ties go to the lower id; NaN is never chosen. Sums fold fixed blocks of 1,024 ids in the lane
 * order of `lanes.ts`, so they do not depend on how the vocabulary is sharded.
 */
import { exp32 } from './exp.ts';
import { multiplyAdd, type Rounding } from './fma.ts';
import { foldLanes, LANE_COUNT } from './lanes.ts';

/** Ids per block of `expSums`. */
export const VOCAB_BLOCK_IDS = 1024;

/** Index of the largest logit; 0 if there is none. */
export function argmax(logits: Float32Array): number {
  let largest = -Infinity;
  for (const value of logits) if (value > largest) largest = value;
  return Math.max(0, logits.indexOf(largest));
}

/** The k largest in descending order. */
export function topK(logits: Float32Array, k: number): { ids: Int32Array; values: Float32Array } {
  const ids = Int32Array.from(logits.keys())
    .filter((id) => !Number.isNaN(logits[id]))
    .sort((a, b) => compareDescending(logits[a] as number, logits[b] as number) || a - b)
    .subarray(0, k);
  return { ids, values: Float32Array.from(ids, (id) => logits[id] as number) };
}

/** y[i] = exp((logits[i] - max) · scale). */
export function expRow(
  logits: Float32Array,
  options: { max: number; scale: number; rounding: Rounding },
): Float32Array {
  const fma = multiplyAdd(options.rounding);
  const max = Math.fround(options.max);
  const scale = Math.fround(options.scale);
  return logits.map((value) => exp32(Math.fround(Math.fround(value - max) * scale), fma));
}

/** Sums of `expRow` over each block of 1,024 ids, [⌈V / 1024⌉]. */
export function expSums(
  logits: Float32Array,
  options: { max: number; scale: number; rounding: Rounding },
): Float32Array {
  const values = expRow(logits, options);
  const sums = new Float32Array(Math.ceil(values.length / VOCAB_BLOCK_IDS));
  for (let b = 0; b < sums.length; b++) {
    const block = values.subarray(b * VOCAB_BLOCK_IDS, (b + 1) * VOCAB_BLOCK_IDS);
    const partials = new Float32Array(LANE_COUNT);
    block.forEach((value, i) => {
      partials[i % LANE_COUNT] = (partials[i % LANE_COUNT] as number) + value;
    });
    sums[b] = foldLanes(partials);
  }
  return sums;
}

/** Equal infinities have no difference: compare, never subtract. */
function compareDescending(a: number, b: number): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
