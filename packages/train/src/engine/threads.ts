/**
 * The worker threads of a run: started once, told of each step by a word in the memory they share.
 *
 * A group of threads shares one memory; a run that is cut between chips of one process has several.
 */
import { Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { reasonOf, WaferError } from '@wafer/core';
import { programEntry } from '@wafer/runtime/programs';
import type { TrainProgram } from '../network/program.ts';
import { CONTROL, controlWords } from './control.ts';
import type { CrossingTask } from './cut/bind-thread.ts';
import type { TrainLayout } from './layout.ts';
import type { ThreadPlace } from './thread-state.ts';

/** What a worker is started with. */
export interface WorkerJob {
  program: TrainProgram;
  layout: TrainLayout;
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  place: ThreadPlace;
  /** Of a run that is cut. */
  crossing?: CrossingTask;
}

export interface Threads {
  /** Runs step `count` of the run on all threads. Throws: TILE_CRASHED. */
  step(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Places of all threads, in order: replicas, their stages, their tiles. */
export function placesOf({ shape }: TrainLayout): ThreadPlace[] {
  const { replicas, stages, tiles } = shape;
  return Array.from({ length: replicas * stages * tiles }, (_, thread) => ({
    replica: Math.floor(thread / (stages * tiles)),
    stage: Math.floor(thread / tiles) % stages,
    tile: thread % tiles,
  }));
}

/** Starts threads, in groups of one memory each. */
export function startThreads(groups: readonly (readonly WorkerJob[])[]): Threads {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // told to whoever waits for a step
  const url = workerUrl();
  const workers = groups.flat().map((job) => {
    const { replica, stage, tile } = job.place;
    const { sources = [], targets = [] } = job.crossing ?? {};
    const transferList: MessagePort[] = [...sources, ...targets].map(({ port }) => port);
    const worker = new Worker(url, { workerData: job, transferList });
    const name = `${replica}.${stage}.${tile}`;
    worker.on('error', (error) => {
      const reason = reasonOf(error);
      reject(new WaferError('TILE_CRASHED', { thread: name, tiles: [name], reason }));
    });
    return worker;
  });
  const counters = groups.map((jobs) => {
    const [job] = jobs;
    return { words: controlWords(job!.memory, job!.layout), threadCount: jobs.length };
  });
  const tell = (steps: number): void => {
    for (const { words } of counters) {
      Atomics.store(words, CONTROL.steps, steps);
      Atomics.notify(words, CONTROL.steps);
    }
  };
  return {
    async step(count) {
      tell(count);
      const all = counters.map(({ words, threadCount }) => finished(words, count * threadCount));
      await Promise.race([Promise.all(all), failed]);
    },
    async close() {
      tell(-1);
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

/** The worker's file lies beside this one, before and after the build; a bundle starts sooner. */
function workerUrl(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return programEntry(new URL(`./worker.${ending}`, import.meta.url));
}
