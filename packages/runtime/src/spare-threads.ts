/**
 * Threads of a wafer that are started before it is known what they will do.
 *
 * A thread takes as long to exist as a small model takes to open, so both happen side by side. How
 * many tile threads there will be is a guess from what the caller named; a wrong one costs a thread
 * that nobody takes, or one that starts later, and nothing else.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseGrid } from '@wafer/core';
import { TINY_MODEL_BYTES } from './options/options.ts';
import type { WaferOptions } from './options/options.ts';
import { RESOURCE_LIMITS } from './threads/thread-settings.ts';
import type { WorkerEntry } from './worker-entry.ts';
import { WorkerThread } from './threads/worker-thread.ts';

/** Threads that wait for a task. */
export type SpareEntry = Extract<WorkerEntry, './tile/worker' | './engine/worker'>;

const DISCARD_MS = 2000;
/** A guess never starts more. */
const THREADS_AHEAD_MAX = 64;

export class SpareThreads {
  readonly #threads: { entry: SpareEntry; thread: WorkerThread<never> }[] = [];

  /** Starts an engine's thread and some for tiles, as many of them as the system gives. */
  constructor(tileThreads: number) {
    const entries: SpareEntry[] = Array.from({ length: tileThreads }, () => './tile/worker');
    if (tileThreads > 0) entries.push('./engine/worker');
    try {
      for (const [index, entry] of entries.entries()) {
        this.#threads.push({ entry, thread: startThread(entry, index) });
      }
    } catch {
      // Whoever needs one more is told why there is none.
    }
  }

  get count(): number {
    return this.#threads.length;
  }

  /** A thread of this kind that waits for its task; undefined if there is none left. */
  take<Message>(entry: SpareEntry): WorkerThread<Message> | undefined {
    const index = this.#threads.findIndex((spare) => spare.entry === entry);
    if (index < 0) return undefined;
    return this.#threads.splice(index, 1)[0]!
      .thread as WorkerThread<unknown> as WorkerThread<Message>;
  }

  /** Ends those that nobody took. */
  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#threads.splice(0);
    await Promise.all(left.map(({ thread }) => thread.discard(DISCARD_MS)));
  }
}

/** A new thread that waits for its task. Throws: HOST_REFUSED. */
export function startThread<Message>(entry: SpareEntry, index: number): WorkerThread<Message> {
  const name = entry === './tile/worker' ? `wafer tiles ${index}` : 'wafer engine';
  return new WorkerThread<Message>({ name, entry, resourceLimits: RESOURCE_LIMITS });
}

/**
 * How many tile threads a wafer is likely to need; 0 where nothing is to be gained: its model is
 * there at once, or not at all, or its tiles are in other processes.
 */
export function guessTileThreads(options: WaferOptions): number {
  const { model, modelsFolder, grid, threads, link } = options;
  if (typeof model !== 'string' || (link !== undefined && link !== 'port')) return 0;
  const cores = availableParallelism();
  try {
    const found = { throwIfNoEntry: false } as const;
    const file = statSync(model, found) ?? statSync(join(modelsFolder ?? '', model), found);
    if (file === undefined) return 0;
    const isTiny = file.isFile() && file.size < TINY_MODEL_BYTES;
    const { width, height } = parseGrid(grid ?? `${isTiny ? 1 : cores}x1`);
    const most = Number.isSafeInteger(threads) && threads! > 0 ? threads! : cores;
    return Math.min(width * height, most, THREADS_AHEAD_MAX);
  } catch {
    return 0; // what cannot be is refused later, and told
  }
}
