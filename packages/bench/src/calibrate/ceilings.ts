/**
 * The ceilings of a machine: how fast its threads read, copy, multiply and answer each other.
 *
 * Memory is one of `bytes` that the threads share out, as tiles share out the weights of a model;
 * every thread touches its own part first. The figures are those of this process: with 256-bit
 * vectors if it revectorizes.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '@wafer/core';
import { createDoorbells } from '@wafer/fabric';
import { enableRevectorization } from '@wafer/kernels';
import type { RunnerOf } from '../process/runner.ts';
import { workerUrl } from '../worker-url.ts';
import { ASLEEP_AFTER_NS, INPUT_ADDRESS, SLEEPERS, SLICES_ADDRESS } from './ceiling-thread.ts';
import type {
  CeilingQuantity,
  CeilingThreadInput,
  ThreadOrder,
  ThreadResult,
} from './ceiling-thread.ts';
import { ceilingModule, FMA_INPUT_BYTES, FMA_START_VECTORS, SUM_BYTES } from './module.ts';

interface CeilingOptions {
  /** Memory that is read: more than any cache holds. */
  bytes: number;
  threadsMax: number;
  isRevectorized: boolean;
  /** Shorter samples, which show only that it works. */
  isQuick: boolean;
}

/** A quantity to sample; a wake, a trip and a handover are between two threads. */
export interface CeilingTask {
  quantity: CeilingQuantity;
  threadCount: number;
}

/**
 * Of samples: GB/s (10⁹ bytes; a copied byte counts once, and one that a core writes and another
 * reads), GFLOP/s, or µs there and back.
 */
export const CEILING_UNITS: Readonly<Record<CeilingQuantity, string>> = {
  read: 'GB/s',
  copy: 'GB/s',
  fma: 'GFLOP/s',
  doorbell: 'µs',
  wake: 'µs',
  spin: 'µs',
  handover: 'GB/s',
};

/** The bytes of `wafer calibrate`. */
export const CEILING_BYTES: number = 2 ** 28;

const COUNTS: Readonly<Record<CeilingQuantity, { full: number; quick: number }>> = {
  read: { full: 2, quick: 1 },
  copy: { full: 1, quick: 1 },
  fma: { full: 2 ** 18, quick: 2 ** 8 },
  doorbell: { full: 200, quick: 4 },
  wake: { full: 200, quick: 4 },
  spin: { full: 20_000, quick: 4 },
  handover: { full: 200, quick: 4 },
};
/** What one core hands to another: a row of logits, about. */
const HANDOVER_BYTES = 2 ** 17;
const PAGE_BYTES = 65_536;
const PAGES_MAX = 65_536;
/** Calls until V8 has compiled a kernel for good. */
const WARM_UP_COUNT = 4;

/** Tasks that this machine can do: round trips need two threads. */
export function ceilingTasks(threadsMax: number): CeilingTask[] {
  const counts = Array.from({ length: threadsMax }, (_, i) => i + 1);
  const tasks: CeilingTask[] = (['read', 'copy', 'fma'] as const).flatMap((quantity) =>
    counts.map((threadCount) => ({ quantity, threadCount })),
  );
  if (threadsMax < 2) return tasks;
  const trips = ['doorbell', 'wake', 'spin', 'handover'] as const;
  return [...tasks, ...trips.map((quantity) => ({ quantity, threadCount: 2 }))];
}

export interface CeilingsRole {
  name: 'ceilings';
  options: CeilingOptions;
  task: CeilingTask;
  sample: number;
}

export class Ceilings implements RunnerOf<CeilingsRole> {
  readonly #options: CeilingOptions;
  readonly #workers: Worker[];
  readonly #words: Int32Array;

  private constructor(options: CeilingOptions, workers: Worker[], words: Int32Array) {
    this.#options = options;
    this.#workers = workers;
    this.#words = words;
  }

  /** Starts the threads, and makes the memory touched and the kernels warm. */
  static async open(options: CeilingOptions): Promise<Ceilings> {
    const { bytes, threadsMax, isRevectorized } = options;
    assert(bytes % (SUM_BYTES * threadsMax) === 0, 'threads share the bytes evenly', { bytes });
    if (isRevectorized) enableRevectorization();
    const pages = Math.ceil((SLICES_ADDRESS + bytes) / PAGE_BYTES);
    const limits = { initial: pages, maximum: PAGES_MAX, shared: true };
    const memory = new WebAssembly.Memory(limits);
    const copyMemory = new WebAssembly.Memory(limits);
    new Float32Array(memory.buffer, SLICES_ADDRESS, bytes / 4).fill(1);
    const input = new Float32Array(memory.buffer, INPUT_ADDRESS, FMA_INPUT_BYTES / 4).fill(0.5);
    input.fill(1, 0, FMA_START_VECTORS * 4);
    const words = new Int32Array(new SharedArrayBuffer(64));
    const doorbells = createDoorbells(Math.max(2, threadsMax));
    const shared = { module: ceilingModule(), memory, copyMemory, words, doorbells };
    const workers = Array.from({ length: threadsMax }, (_, thread) => {
      const workerData: CeilingThreadInput = { thread, ...shared };
      return new Worker(workerUrl('./calibrate/worker'), { workerData });
    });
    const ceilings = new Ceilings(options, workers, words);
    for (let i = 0; i < (options.isQuick ? 1 : WARM_UP_COUNT); i++) {
      for (const task of ceilingTasks(threadsMax)) await ceilings.measure(task);
    }
    return ceilings;
  }

  /** One sample, in the unit of the quantity. */
  async measure(task: CeilingTask): Promise<number> {
    const sample = await this.#sample(task, 10);
    // Whichever number of chains suits the width of this process's vectors.
    return task.quantity === 'fma' ? Math.max(sample, await this.#sample(task, 20)) : sample;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #sample({ quantity, threadCount }: CeilingTask, chains: 10 | 20): Promise<number> {
    const { bytes, isQuick } = this.#options;
    const share = Math.floor(bytes / threadCount / SUM_BYTES) * SUM_BYTES;
    const count = COUNTS[quantity][isQuick ? 'quick' : 'full'];
    this.#words.fill(0);
    const results = await Promise.all(
      this.#workers.slice(0, threadCount).map((worker, thread) => {
        const order: ThreadOrder = {
          quantity,
          threadCount,
          // What is handed over is the same to both.
          address: SLICES_ADDRESS + (quantity === 'handover' ? 0 : thread * share),
          bytes: quantity === 'handover' ? Math.min(share, HANDOVER_BYTES) : share,
          count,
          chains,
        };
        return ask(worker, order);
      }),
    );
    const ns = Number(
      maxOf(results.map(({ endNs }) => endNs)) - minOf(results.map(({ startNs }) => startNs)),
    );
    if (quantity === 'spin' || quantity === 'doorbell' || quantity === 'wake') {
      const asleepNs = SLEEPERS[quantity].length * Number(ASLEEP_AFTER_NS);
      return (ns / count - asleepNs) / 1000;
    }
    return results.reduce((sum, { work }) => sum + work, 0) / ns;
  }
}

function ask(worker: Worker, order: ThreadOrder): Promise<ThreadResult> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    worker.once('error', fail);
    worker.once('message', (result: ThreadResult) => {
      worker.off('error', fail);
      resolve(result);
    });
    worker.postMessage(order);
  });
}

function maxOf(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a > b ? a : b));
}

function minOf(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}
