/**
 * Values from one end of a range to the other, by equal factors.
 */

/** A range with both ends in the same unit. */
export interface QuantityRange {
  low: number;
  high: number;
}

/** `count` values from low to high by equal factors; a low of 0 comes before three decades. */
export function spread({ low, high }: QuantityRange, count: number): number[] {
  if (low === high || count === 1) return [high];
  const start = low === 0 ? high / 1000 : low;
  const factors = low === 0 ? count - 1 : count;
  const steps = Math.max(1, factors - 1);
  const values = Array.from({ length: factors }, (_, i) => start * (high / start) ** (i / steps));
  // The ends are what was asked for, to the last bit.
  values[factors - 1] = high;
  return low === 0 ? [0, ...values] : values;
}
