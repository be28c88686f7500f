/**
 * How this host's cores read: a memory as large as a model's weights, alone and together, since
 * caches and memory are shared; and what another core wrote last, which has to come from there.
 */
import { availableParallelism } from 'node:os';
import type { HostFigures } from '@wafer/timing';
import { Ceilings } from '../calibrate/ceilings.ts';
import type { CeilingTask } from '../calibrate/ceilings.ts';

/** Rates of reading. */
export type ReadFigures = Pick<
  HostFigures,
  'coldBytesPerNs' | 'sharedRate' | 'sharedFlops' | 'handoverBytesPerNs'
>;

const SAMPLES = 4;

/** A multiple of what the threads share out evenly. */
const STEP_BYTES = 128;

export class HostReads implements AsyncDisposable {
  readonly #ceilings: Ceilings;
  readonly #threads: number;

  private constructor(ceilings: Ceilings, threads: number) {
    this.#ceilings = ceilings;
    this.#threads = threads;
  }

  /** Starts a thread per core. */
  static async open(bytes: number, { isQuick }: { isQuick: boolean }): Promise<HostReads> {
    const threads = availableParallelism();
    const even = STEP_BYTES * threads;
    const ceilings = await Ceilings.open({
      bytes: Math.ceil(bytes / even) * even,
      threadsMax: threads,
      isRevectorized: false,
      isQuick,
    });
    return new HostReads(ceilings, threads);
  }

  /** Rates of this moment. */
  async sample(): Promise<ReadFigures> {
    // Whether all threads have cores changes faster than rounds: means, as long rows see them.
    const measure = async (task: CeilingTask): Promise<number> => {
      let sum = 0;
      for (let i = 0; i < SAMPLES; i++) sum += await this.#ceilings.measure(task);
      return sum / SAMPLES;
    };
    const coldBytesPerNs = await measure({ quantity: 'read', threadCount: 1 });
    if (this.#threads < 2) {
      const alone = { sharedRate: 1, sharedFlops: 1 };
      return { coldBytesPerNs, ...alone, handoverBytesPerNs: coldBytesPerNs };
    }
    const threadCount = this.#threads;
    const together = await measure({ quantity: 'read', threadCount });
    const computed = await measure({ quantity: 'fma', threadCount: 1 });
    const allComputed = await measure({ quantity: 'fma', threadCount });
    return {
      coldBytesPerNs,
      sharedRate: Math.min(1, together / (threadCount * coldBytesPerNs)),
      sharedFlops: Math.min(1, allComputed / (threadCount * computed)),
      handoverBytesPerNs: await measure({ quantity: 'handover', threadCount: 2 }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ceilings.close();
  }
}
