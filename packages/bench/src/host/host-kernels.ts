/**
 * Times of this host's kernels at the sizes of a wafer's tiles: on one core alone, or on all at
 * once, as the tiles of a step run, with weights where a step of the model finds them.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert, maxOf, rowsOf } from '@wafer/core';
import type { Plan, StepShape, TilePlan } from '@wafer/core';
import { shapeName } from '@wafer/timing';
import type { KernelTime } from '@wafer/timing';
import { workerUrl } from '../worker-url.ts';
import type { KernelOrder, KernelThreadInput, ShapeTime } from './kernel-thread.ts';

export interface KernelUse {
  /** One of a single tile is timed alone, any other on all cores. */
  plans: readonly Plan[];
  steps: readonly StepShape[];
  /** Short samples, which show only that it works. */
  isQuick: boolean;
  /** Of the times of each call. */
  quantile: number;
}

const SAMPLE_MS = 30;

export class HostKernels implements AsyncDisposable {
  readonly #workers: Worker[];
  /** Numbers of threads at once. */
  readonly #threadCounts: readonly number[];
  readonly #sampling: Pick<KernelOrder, 'sampleMs' | 'quantile'>;

  private constructor(workers: Worker[], threadCounts: number[], use: KernelUse) {
    this.#workers = workers;
    this.#threadCounts = threadCounts;
    const { isQuick, quantile } = use;
    this.#sampling = { sampleMs: isQuick ? 0 : SAMPLE_MS, quantile };
  }

  /** Starts the threads; resolves once each has its memory. */
  static async open(use: KernelUse): Promise<HostKernels> {
    const { plans, steps } = use;
    assert(plans.length > 0 && steps.length > 0, 'there are kernels to time', {});
    for (const { options } of plans) {
      const { rowsMax } = options;
      const rows = maxOf(steps.map(rowsOf));
      assert(rows <= rowsMax, 'tiles have buffers for the rows of a step', { rows, rowsMax });
    }
    const cores = availableParallelism();
    const words = new Int32Array(new SharedArrayBuffer(64));
    const countOf = ({ tiles }: Plan): number => Math.min(tiles.length, cores);
    const threadCounts = [...new Set(plans.map(countOf))];
    const start = (thread: number): Worker => {
      const tiles: Record<number, TilePlan[][]> = {};
      for (const count of threadCounts.filter((each) => thread < each)) {
        const own = plans.filter((plan) => countOf(plan) === count);
        tiles[count] = own.map((plan) =>
          plan.tiles.filter(({ index }) => index % count === thread),
        );
      }
      const workerData: KernelThreadInput = { isFirst: thread === 0, words, tiles, steps };
      return new Worker(workerUrl('./host/worker'), { workerData });
    };
    const workers: Worker[] = [];
    try {
      for (let i = 0; i < maxOf(threadCounts); i++) workers.push(start(i));
      await Promise.all(workers.map((worker) => said(worker)));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    return new HostKernels(workers, threadCounts, use);
  }

  /** Times of this moment. */
  async sample(): Promise<KernelTime[]> {
    const found = new Map<string, KernelTime>();
    for (const threadCount of this.#threadCounts) {
      const order: KernelOrder = { threadCount, ...this.#sampling };
      const workers = this.#workers.slice(0, threadCount);
      const times = await Promise.all(
        workers.map((worker) => {
          worker.postMessage(order);
          return said<ShapeTime[]>(worker);
        }),
      );
      for (const { shape, ns } of meansOf(times.flat())) {
        const name = shapeName(shape);
        const known = found.get(name);
        const time = threadCount === 1 ? { aloneNs: ns } : { togetherNs: ns };
        found.set(name, { shape, ...(known ?? { aloneNs: ns, togetherNs: ns }), ...time });
      }
    }
    return [...found.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Of each shape, over threads. */
function meansOf(times: readonly ShapeTime[]): ShapeTime[] {
  const groups = Map.groupBy(times, ({ shape }) => shapeName(shape));
  return [...groups.values()].map((group) => ({
    shape: group[0]!.shape,
    ns: group.reduce((sum, { ns }) => sum + ns, 0) / group.length,
  }));
}

/** What a thread says next. Throws: what ends it. */
async function said<Message>(worker: Worker): Promise<Message> {
  const [message] = (await once(worker, 'message')) as [Message];
  return message;
}
