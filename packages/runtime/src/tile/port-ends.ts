/**
 * The ends of links between threads that a tile thread holds.
 */
import { Doorbell, PortSource, PortTarget } from '@wafer/fabric';
import type { ThreadTask } from './thread-task.ts';

/** By source and target tile, as `3>4`. */
export interface PortEnds {
  sources: ReadonlyMap<string, PortSource>;
  targets: ReadonlyMap<string, PortTarget>;
}

export function bindPorts(task: ThreadTask): PortEnds {
  const key = (end: { source: number; target: number }): string => `${end.source}>${end.target}`;
  const doorbellOf = (tile: number): Doorbell => new Doorbell(task.doorbells, task.threadOf[tile]!);
  const memoryOf = (tile: number): ArrayBufferLike => task.memories.get(tile)!.buffer;
  const sources = new Map(
    task.sources.map((end) => {
      const parts = { doorbell: doorbellOf(end.target), memory: memoryOf(end.source) };
      return [key(end), new PortSource({ port: end.port, ...parts })];
    }),
  );
  const targets = new Map(
    task.targets.map((end) => {
      const parts = { doorbell: doorbellOf(end.source), memory: memoryOf(end.target) };
      return [key(end), new PortTarget({ port: end.port, ...parts })];
    }),
  );
  return { sources, targets };
}
