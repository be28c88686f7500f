/**
 * The worker threads of a run: started once, told of each step by a word in shared memory.
 */
import { Worker } from 'node:worker_threads';
import { reasonOf, WaferError } from '@wafer/core';
import type { TrainProgram } from '../network/program.ts';
import { CONTROL } from './control.ts';
import type { TrainLayout } from './layout.ts';
import type { ThreadPlace } from './thread-state.ts';

/** What a worker is started with. */
export interface WorkerJob {
  program: TrainProgram;
  layout: TrainLayout;
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  place: ThreadPlace;
}

export interface Threads {
  /** Runs step `count` of the run on all threads. Throws: TILE_CRASHED. */
  step(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts one thread per replica, stage and tile. */
export function startThreads(job: Omit<WorkerJob, 'place'>, words: Int32Array): Threads {
  const { replicas, stages, tiles } = job.layout.shape;
  const workers: Worker[] = [];
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // told to whoever waits for a step
  for (let replica = 0; replica < replicas; replica++) {
    for (let stage = 0; stage < stages; stage++) {
      for (let tile = 0; tile < tiles; tile++) {
        const place = { replica, stage, tile };
        const worker = new Worker(workerUrl(), { workerData: { ...job, place } });
        const name = `${replica}.${stage}.${tile}`;
        worker.on('error', (error) => {
          const reason = reasonOf(error);
          reject(new WaferError('TILE_CRASHED', { thread: name, tiles: [name], reason }));
        });
        workers.push(worker);
      }
    }
  }
  return {
    async step(count) {
      Atomics.store(words, CONTROL.steps, count);
      Atomics.notify(words, CONTROL.steps);
      await Promise.race([finished(words, count * workers.length), failed]);
    },
    async close() {
      Atomics.store(words, CONTROL.steps, -1);
      Atomics.notify(words, CONTROL.steps);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function finished(words: Int32Array, wanted: number): Promise<void> {
  for (;;) {
    const count = Atomics.load(words, CONTROL.finished);
    if (((count - wanted) | 0) >= 0) return;
    const { async, value } = Atomics.waitAsync(words, CONTROL.finished, count);
    if (async) await value;
  }
}

/** The worker's file lies beside this one, before and after the build. */
function workerUrl(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./worker.${ending}`, import.meta.url);
}
