/**
 * Figures of one row of logits, in f64.
 */

/** ln Σ exp(logit), exact to f64 whatever the size of the logits. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}

/** Ids of the `count` largest logits, largest first; of equals, the lower id first. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const ids = Array.from(logits.keys());
  ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
  return ids.slice(0, count);
}

/** The number of fewest digits that reads back as this f32. */
export function shortestFloat(value: number): number {
  // Nine digits always tell an f32.
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
