/**
 * Slips of the finger: which known word was meant.
 */

/** The known word that is at most a third of its letters away; undefined if there is none. */
export function nearestOf(known: readonly string[], word: string): string | undefined {
  const near = known
    .map((name) => ({ name, distance: distanceOf(name, word) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)));
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.name;
}

/** Letters to put in, leave out, change, or swap with their neighbor. */
function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(change, rows[i - 1]![j]! + 1, row[j - 1]! + 1, swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
