/**
 * Types whose nibbles are numbers of a table.
 */

/** The index of the table's entry nearest to a value; of two, the first. */
function nearestEntry(table: readonly number[], value: number): number {
  let best = 0;
  for (let i = 1; i < table.length; i++) {
    const distance = Math.abs((table[i] as number) - value);
    if (distance < Math.abs((table[best] as number) - value)) best = i;
  }
  return best;
}

/** The integers of iq4_nl and iq4_xs: dense near 0, where most weights are. */
export const IQ4_TABLE: readonly number[] = [
  -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
];

/**
 * A scale for 32 values and a table: the extreme value meets the table's first entry, then least
 * squares over the entries that this picks.
 */
export function fitScale(values: Float32Array, table: readonly number[]): number {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  if (extreme === 0) return 0;
  const first = extreme / (table[0] as number);
  let [products, squares] = [0, 0];
  for (const value of values) {
    const entry = table[nearestEntry(table, value / first)] as number;
    products += entry * value;
    squares += entry * entry;
  }
  return products / squares;
}

/** Writes the entries nearest to 32 values over a scale. */
export function writeEntries(
  target: Uint8Array,
  offset: number,
  values: Float32Array,
  scale: number,
  table: readonly number[],
): void {
  const entry = (i: number): number =>
    scale === 0 ? nearestEntry(table, 0) : nearestEntry(table, (values[i] as number) / scale);
  for (let i = 0; i < 16; i++) target[offset + i] = entry(i) | (entry(i + 16) << 4);
}
