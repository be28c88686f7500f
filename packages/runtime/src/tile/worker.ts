/**
 * Entry of a tile thread, run by the pool: one endless task per thread.
 */
import { WaferError } from '@wafer/core';
import type { ThreadMessage, ThreadTask } from './thread-task.ts';
import { bindTiles, loadTiles, runTiles } from './thread.ts';

/** Loads, says so, and walks the programs until the wafer stops. */
export function runThread(task: ThreadTask): void {
  const say = (message: ThreadMessage): void => task.control.postMessage(message);
  try {
    say({ kind: 'running' });
    loadTiles(task);
    const tiles = bindTiles(task);
    say({ kind: 'loaded' });
    runTiles(task, tiles);
  } catch (error) {
    const coded = error instanceof WaferError ? error.toJSON() : undefined;
    say({ kind: 'failed', error: coded ?? String(error instanceof Error ? error.stack : error) });
  } finally {
    task.control.close();
    for (const { port } of [...task.sources, ...task.targets]) port.close();
  }
}
