/**
 * Entry of a tile thread.
 */
import { WaferError } from '@wafer/core';
import { takeTask } from '../threads/take-task.ts';
import type { ClockTask } from '../virtual/clock-task.ts';
import type { ThreadClock } from './thread-clock.ts';
import type { ThreadMessage, ThreadTask } from './thread-task.ts';
import { bindTiles, loadTiles, runTiles } from './thread.ts';

/** Loads, says so, and walks the programs until the wafer stops. */
async function runThread(task: ThreadTask): Promise<void> {
  const say = (message: ThreadMessage): void => task.port.postMessage(message);
  try {
    say({ kind: 'running' });
    const startMs = performance.now();
    const shardErrors = loadTiles(task);
    const loadMs = performance.now() - startMs;
    const clock = task.clock && (await carryClock(task, task.clock));
    const tiles = await bindTiles(task, clock);
    say({ kind: 'loaded', loadMs, shardErrors });
    runTiles(task, tiles, clock?.injector);
  } catch (error) {
    const coded = error instanceof WaferError ? error.toJSON() : undefined;
    say({ kind: 'failed', error: coded ?? String(Error.isError(error) ? error.stack : error) });
  } finally {
    task.port.close();
    for (const { port } of [...task.sources, ...task.targets]) port.close();
  }
}

/** Loaded where there is a virtual clock only: threads start sooner without. */
async function carryClock(task: ThreadTask, clock: ClockTask): Promise<ThreadClock> {
  const { ThreadClock: Clock } = await import('./thread-clock.ts');
  return new Clock(clock, task);
}

await runThread(await takeTask<ThreadTask>());
