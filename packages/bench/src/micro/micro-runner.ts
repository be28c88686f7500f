/**
 * All micro-benchmarks in one process, on tinybench, with or without 256-bit vectors.
 */
import { Bench, hrtimeNow } from 'tinybench';
import { assert } from '@wafer/core';
import { enableRevectorization } from '@wafer/kernels';
import { hashBytes } from '../hash.ts';
import type { RunnerOf } from '../process/runner.ts';
import { openChannelCases } from './channel-cases.ts';
import type { ChannelCases } from './channel-cases.ts';
import { KERNEL_SIZES, KERNEL_SIZES_QUICK, kernelCases } from './kernel-cases.ts';
import type { MicroCase } from './micro-case.ts';

interface MicroRunnerOptions {
  isRevectorized: boolean;
  isQuick: boolean;
  /** Cases whose name holds it are prepared, and no others. */
  filter: string;
}

/** Which case takes its turn. */
export interface MicroTask {
  index: number;
}

export interface MicroSample {
  name: string;
  bytes: number;
  flops: number;
  /** Median of the calls of this turn, in ns. */
  callNs: number;
  callCount: number;
  hash: string;
}

const SAMPLE_MS = 40;
const WARM_UP_MS = 20;
const QUICK_CALLS = 3;

export interface MicroRole {
  name: 'micro';
  options: MicroRunnerOptions;
  task: MicroTask;
  sample: MicroSample | undefined;
}

export class MicroRunner implements RunnerOf<MicroRole> {
  readonly #options: MicroRunnerOptions;
  readonly #cases: MicroCase[];
  readonly #channels: ChannelCases;

  private constructor(options: MicroRunnerOptions, cases: MicroCase[], channels: ChannelCases) {
    this.#options = options;
    this.#cases = cases;
    this.#channels = channels;
  }

  /** Prepares the inputs of every case. */
  static async open(options: MicroRunnerOptions): Promise<MicroRunner> {
    if (options.isRevectorized) enableRevectorization();
    const { filter } = options;
    const kernels = kernelCases(options.isQuick ? KERNEL_SIZES_QUICK : KERNEL_SIZES, filter);
    const channels = await openChannelCases();
    const others = channels.cases.filter(({ name }) => name.includes(filter));
    const cases = [...kernels, ...others];
    return new MicroRunner(options, cases, channels);
  }

  /** One turn of a case; undefined beyond the last. */
  measure({ index }: MicroTask): Promise<MicroSample | undefined> {
    const each = this.#cases[index];
    if (each === undefined) return Promise.resolve(undefined);
    const { isQuick } = this.#options;
    const time = isQuick ? 0 : SAMPLE_MS;
    const warmupTime = isQuick ? 0 : WARM_UP_MS;
    const bench = new Bench({
      ...{ now: hrtimeNow, time, warmupTime, throws: true },
      ...{ iterations: QUICK_CALLS, warmupIterations: 1 },
    });
    bench.add(each.name, () => each.run());
    const [task] = bench.runSync();
    const result = task?.result;
    assert(result?.state === 'completed', 'a case runs to its end', { name: each.name });
    const { name, bytes, flops } = each;
    return Promise.resolve({
      ...{ name, bytes, flops, hash: hashBytes(each.output()) },
      ...{ callNs: result.latency.p50 * 1e6, callCount: result.latency.samplesCount },
    });
  }

  close(): Promise<void> {
    return this.#channels.close();
  }
}
