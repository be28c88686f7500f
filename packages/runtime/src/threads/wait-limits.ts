/**
 * How long a wafer waits for its own threads and chips before it says that they are stuck.
 *
 * Nothing here bounds how long a model may compute: a thread is stuck when it shows no sign of
 * life at all, and what counts as long grows with the longest silence that was seen and broken.
 */
import { WaferError } from '@wafer/core';

/** How long a wafer waits for its parts before it gives one up. */
export interface WaitLimits {
  /** Milliseconds between two looks at each thread and chip. */
  heartbeatMs: number;
  /** Silence of a thread or chip that is a failure; at least ten times the longest one before. */
  stuckMs: number;
  /** The same of a chip's process, whose main thread never computes, once it has loaded. */
  chipMs: number;
  /** What closing gives threads and chips to end by themselves. */
  closeMs: number;
}

/** An instruction takes at most some seconds; a busy machine may stretch that. */
export const WAIT_LIMITS: Readonly<WaitLimits> = Object.freeze({
  heartbeatMs: 500,
  stuckMs: 15_000,
  chipMs: 5000,
  closeMs: 2000,
});

const RANGES: Readonly<Record<keyof WaitLimits, { min: number; max: number }>> = {
  heartbeatMs: { min: 10, max: 60_000 },
  stuckMs: { min: 100, max: 2 ** 31 - 1 },
  chipMs: { min: 100, max: 2 ** 31 - 1 },
  closeMs: { min: 1, max: 60_000 },
};

/** Limits with their defaults filled in. Throws: PLAN_OPTION. */
export function resolveLimits(given: unknown): WaitLimits {
  if (given === undefined) return { ...WAIT_LIMITS };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const expected = `an object of ${Object.keys(RANGES).join(', ')}`;
    throw new WaferError('PLAN_OPTION', { option: 'limits', value: given, expected });
  }
  for (const name of Object.keys(given)) {
    if (name in RANGES) continue;
    const expected = `one of ${Object.keys(RANGES).join(', ')}`;
    throw new WaferError('PLAN_OPTION', { option: 'limits', value: name, expected });
  }
  const limit = (name: keyof WaitLimits): number => {
    const value = (given as Partial<WaitLimits>)[name] ?? WAIT_LIMITS[name];
    const { min, max } = RANGES[name];
    if (typeof value === 'number' && value >= min && value <= max) return value;
    const expected = `milliseconds from ${min} to ${max}`;
    throw new WaferError('PLAN_OPTION', { option: `limits.${name}`, value, expected });
  };
  const [heartbeatMs, stuckMs] = [limit('heartbeatMs'), limit('stuckMs')];
  return { heartbeatMs, stuckMs, chipMs: limit('chipMs'), closeMs: limit('closeMs') };
}

/** Whether a promise settles within a limit. The limit holds the process; the promise need not. */
export async function isWithin(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  const done = promise.then(() => true);
  const result = await Promise.race([done, late.promise]);
  clearTimeout(timer);
  return result;
}
