/**
 * What fresh memory alone costs: each thread writes one byte to every page of a memory of its own,
 * and gets those pages as it would for weights: huge ones as long as they come no dearer.
 *
 * The bound of loading: weights have to come to lie somewhere. Threads begin together.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { maxOf } from '@wafer/core';
import { workerUrl } from '../worker-url.ts';

const PAGE_BYTES = 65_536;

/** What a thread is started with. */
export interface TouchInput {
  memory: WebAssembly.Memory;
  /** Becomes 1 when all begin. */
  start: Int32Array;
}

/** Milliseconds that the slowest of as many threads takes, one per memory of these bytes. */
export async function touchMs(bytes: readonly number[]): Promise<number> {
  const start = new Int32Array(new SharedArrayBuffer(4));
  const workers = bytes.map((count) => {
    const pages = Math.max(1, Math.ceil(count / PAGE_BYTES));
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const workerData: TouchInput = { memory, start };
    return new Worker(workerUrl('./touch/worker'), { workerData });
  });
  try {
    await Promise.all(workers.map(async (worker) => once(worker, 'message')));
    const touched = workers.map(async (worker) => (await once(worker, 'message'))[0] as number);
    Atomics.store(start, 0, 1);
    Atomics.notify(start, 0);
    return maxOf(await Promise.all(touched), 0);
  } finally {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  }
}
