/**
 * How threads and processes of a wafer are started, whoever starts them.
 */
import type { ResourceLimits } from 'node:worker_threads';

/** Threads make little garbage: a small young generation keeps 4 MB a thread from being touched. */
export const RESOURCE_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 2 };

/** Rounds of looking for work before sleeping, about 20 µs. */
export const SPIN_COUNT = 1000;

/** Flags of this process that its threads can have: all but those that bring a program along. */
export function workerExecArgv(): string[] {
  const flags: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i]!;
    if (/^(-e|-p|-pe|--eval|--print)$/.test(flag)) i++;
    else if (!/^--(input-type|eval|print)\b/.test(flag)) flags.push(flag);
  }
  return flags;
}
