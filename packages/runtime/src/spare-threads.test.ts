import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { guessTileThreads, SpareThreads, startThread } from './spare-threads.ts';
import { Wafer } from './wafer.ts';
import type { WorkerEntry } from './worker-entry.ts';
import { WorkerThread } from './threads/worker-thread.ts';

const STORIES = fileURLToPath(
  new URL('../../../test/models/stories260k/model.gguf', import.meta.url),
);

/** Threads that are started from now on, and how many of them have ended. */
function watchThreads(): { started: string[]; ended: () => number } {
  const started: string[] = [];
  let ended = 0;
  const note = (worker: Worker): void => {
    started.push(worker.threadName ?? '');
    worker.once('exit', () => ended++);
  };
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return { started, ended: () => ended };
}

test('threads are guessed from the grid, the threads and the size of what is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-guess-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const model = join(folder, 'large.gguf');
  writeFileSync(model, new Uint8Array(4 * 2 ** 20));
  const tiny = join(folder, 'tiny.gguf');
  writeFileSync(tiny, 'GGUF');
  const cores = availableParallelism();
  expect(guessTileThreads({ model })).toBe(cores);
  expect(guessTileThreads({ model: folder })).toBe(cores);
  expect(guessTileThreads({ model: 'large.gguf', modelsFolder: folder })).toBe(cores);
  expect(guessTileThreads({ model: tiny })).toBe(1);
  expect(guessTileThreads({ model: tiny, grid: '3x1', threads: 3 })).toBe(3);
  expect(guessTileThreads({ model, grid: '1x1', threads: 5 })).toBe(1);
  expect(guessTileThreads({ model, grid: '16x16', threads: 256 })).toBe(64);
});

test('no thread is guessed where none is needed, or the start is refused', () => {
  const model = STORIES;
  expect(guessTileThreads({ model: `${model}.not` })).toBe(0);
  expect(guessTileThreads({ model: 'a\0b' })).toBe(0);
  expect(guessTileThreads({ model, grid: 'two' })).toBe(0);
  expect(guessTileThreads({ model, dice: '2x1', grid: '2x1', link: 'unix' })).toBe(0);
});

test('a thread without grace is ended at once, whatever it waits for', async () => {
  const threads = watchThreads();
  // With its limit for a grace it would end a minute later: nobody gives it a task.
  await startThread('./tile/worker', 0).end(60_000, 0);
  expect(threads.ended()).toBe(1);
});

test('a wafer takes the threads that wait, and starts no other', async () => {
  const threads = watchThreads();
  const wafer = await Wafer.start({ model: STORIES, grid: '2x1', threads: 2 });
  expect(threads.started.toSorted()).toEqual(['wafer engine', 'wafer tiles 0', 'wafer tiles 1']);
  await wafer.close();
  expect(threads.ended()).toBe(3);
});

test('a start that is refused leaves no thread behind', async () => {
  const threads = watchThreads();
  const starting = Wafer.start({ model: STORIES, grid: '2x1', stages: 7 });
  await expect(starting).rejects.toMatchObject({ code: 'PLAN_GRID' });
  expect(threads.started.length).toBeGreaterThan(1);
  expect(threads.ended()).toBe(threads.started.length);
});

test('each kind of thread is given out once, and those nobody took end', async () => {
  const threads = watchThreads();
  {
    await using spares = new SpareThreads(1);
    expect(spares.count).toBe(2);
    const thread = spares.take('./tile/worker')!;
    expect(spares.take('./tile/worker')).toBeUndefined();
    await thread.discard(1000);
    expect(threads.ended()).toBe(1);
  }
  expect(threads.ended()).toBe(2);
});

test('a thread that ended before its task tells whoever gives it one', async () => {
  const entry = './tile/no-such-program' as WorkerEntry;
  const thread = new WorkerThread({ name: 'broken', entry });
  await thread.exited;
  const { promise: reason, resolve } = Promise.withResolvers<unknown>();
  thread.assign({ task: () => ({}), onMessage: () => undefined, onEnd: resolve });
  expect(String(await reason)).toContain('no-such-program');
});
