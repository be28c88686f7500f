/**
 * Finds who waits for whom in a circle.
 */

/** One circle among pairs of (waits, for whom), as the path that leads back to its start. */
export function findCycle(waits: readonly (readonly [number, number])[]): number[] | undefined {
  const next = new Map<number, number[]>();
  for (const [from, to] of waits) next.set(from, [...(next.get(from) ?? []), to]);
  const finished = new Set<number>();
  const path: number[] = [];
  const visit = (node: number): number[] | undefined => {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (finished.has(node)) return undefined;
    path.push(node);
    for (const target of next.get(node) ?? []) {
      const cycle = visit(target);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    finished.add(node);
    return undefined;
  };
  for (const node of next.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
