/**
 * The value of a figure at which a clock tells a measured time: the time only grows with it.
 */

/** Bisects by equal factors between two ends; an end where even that is too much or too little. */
export function solveFor(
  wanted: number,
  tell: (value: number) => number,
  { low, high }: { low: number; high: number },
): number {
  if (tell(low) >= wanted) return low;
  if (tell(high) <= wanted) return high;
  let [under, over] = [low, high];
  for (let i = 0; i < STEPS; i++) {
    const middle = Math.sqrt(under * over);
    if (tell(middle) < wanted) under = middle;
    else over = middle;
  }
  return Math.sqrt(under * over);
}

/** Twelve decades to a thousandth. */
const STEPS = 40;
