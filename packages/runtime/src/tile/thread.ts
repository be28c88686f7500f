/**
 * A tile thread: loads the shards of its tiles, then walks their programs until told to stop.
 *
 * Tiles of a thread take turns: one that is blocked yields to the next. When none can go on, the
 * thread looks for work a little longer if it has a core of its own, then sleeps on its doorbell.
 */
import { append } from '@wafer/core';
import type { TilePlan } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { DelayInjector } from '@wafer/fabric';
import { instantiateKernels } from '@wafer/kernels';
import { openReader } from '@wafer/models';
import type { ShardError } from '@wafer/models';
import { HugePages } from '../huge-pages.ts';
import { loadShards } from './load-shards.ts';
import { TraceWriter } from '../trace/trace-ring.ts';
import type { ThreadClock } from './thread-clock.ts';
import { bindTile } from './bind-tile.ts';
import { bindTransports } from './bind-transports.ts';
import type { ThreadTask } from './thread-task.ts';
import type { Tile } from './tile.ts';

/**
 * Loads the shards of all tiles of the thread, or as many as it can before the stop word is raised.
 * Returns what quantizing them cost. Throws: a coded error of the model's files.
 */
export function loadTiles(task: ThreadTask): ShardError[] {
  const { memory, layout } = task.host;
  const words = new Int32Array(memory.buffer, 0, 16);
  const doorbell = new Doorbell(task.doorbells, task.thread);
  const isStopped = (): boolean => doorbell.isStopped;
  const reader = openReader(task.source);
  let pendingBytes = 0;
  const report = (bytes: number): void => {
    doorbell.beat();
    pendingBytes += bytes;
    const kib = Math.floor(pendingBytes / 1024);
    pendingBytes -= kib * 1024;
    Atomics.add(words, layout.loadedKib / 4, kib);
  };
  const hugePages = task.hugePages ? HugePages.tryOpen(weightBytes(task.tiles)) : undefined;
  const errors: ShardError[] = [];
  try {
    for (const tile of task.tiles) {
      const tileMemory = task.memories.get(tile.index)!;
      const kernels = instantiateKernels(task.kernels, tileMemory);
      const memory = tileMemory.buffer;
      const pages = hugePages?.tryMemory(memory, tile.shards);
      const target = { memory, kernels, hugePages: pages };
      append(errors, loadShards(tile, target, reader, { report, isStopped }));
    }
  } finally {
    reader.close();
  }
  return errors;
}

function weightBytes(tiles: readonly TilePlan[]): number {
  return tiles.flatMap(({ shards }) => shards).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Puts the thread's tiles together. */
export async function bindTiles(task: ThreadTask, clock: ThreadClock | undefined): Promise<Tile[]> {
  const transport = await bindTransports(task, clock);
  const trace = task.trace && new TraceWriter(task.trace.ring, task.trace.originMs);
  return task.tiles.map((plan) => bindTile(plan, task, { transport, trace, clock }));
}

/** Walks the programs of the thread's tiles until the stop word is raised. */
export function runTiles(
  task: ThreadTask,
  tiles: readonly Tile[],
  injector: DelayInjector | undefined,
): void {
  const doorbell = new Doorbell(task.doorbells, task.thread);
  const canAnyAdvance = (): boolean => tiles.some((tile) => tile.canAdvance());
  while (!doorbell.isStopped) {
    let didWork = false;
    for (const tile of tiles) didWork = tile.advance() || didWork;
    if (didWork || spin(tiles, task.spinCount)) continue;
    if (injector === undefined) doorbell.sleepUnless(canAnyAdvance);
    else injector.sleep(doorbell, canAnyAdvance);
  }
}

/**
 * Looks for work for a while, in the middle of a step only: the next step may be long in coming.
 */
function spin(tiles: readonly Tile[], spinCount: number): boolean {
  for (let i = 0; i < spinCount; i++) {
    let isIdle = true;
    for (const tile of tiles) {
      if (tile.canAdvance()) return true;
      isIdle = isIdle && tile.isIdle;
    }
    if (isIdle) return false;
    Atomics.pause();
  }
  return false;
}
