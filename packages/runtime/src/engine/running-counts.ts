/**
 * Who of each tenant runs, and within what is reserved for it; what a policy sees of that.
 */
import { assert } from '@wafer/core';
import { blockTokens } from './admission.ts';
import type { RunningView } from './admission.ts';
import type { Sequence } from './sequence.ts';

interface Counts {
  running: number;
  reserved: number;
  reservedTokens: number;
}

const NOTHING: Readonly<Counts> = Object.freeze({ running: 0, reserved: 0, reservedTokens: 0 });

export class RunningCounts implements RunningView {
  readonly #tenants = new Map<string, Counts>();
  readonly #countMax: number;
  #count = 0;
  nowMs = 0;

  /** `countMax`: sequences that run at once. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get freeCount(): number {
    return this.#countMax - this.#count;
  }

  /** A sequence began to run, reserved or not, or (-1) runs no more. */
  count(sequence: Sequence, change: 1 | -1): void {
    const { tenant, isReserved } = sequence;
    let counts = this.#tenants.get(tenant);
    if (counts === undefined) this.#tenants.set(tenant, (counts = { ...NOTHING }));
    counts.running += change;
    if (isReserved) {
      counts.reserved += change;
      counts.reservedTokens += change * blockTokens(sequence);
    }
    this.#count += change;
    const { running, reserved, reservedTokens } = counts;
    if (reserved < 0 || running < reserved || reservedTokens < 0 || this.freeCount < 0) {
      assert(false, 'who runs is counted', { running, reserved, free: this.freeCount });
    }
    if (running === 0) this.#tenants.delete(tenant);
  }

  runningCount(tenant: string): number {
    return (this.#tenants.get(tenant) ?? NOTHING).running;
  }

  reservedCount(tenant: string): number {
    return (this.#tenants.get(tenant) ?? NOTHING).reserved;
  }

  reservedTokens(tenant: string): number {
    return (this.#tenants.get(tenant) ?? NOTHING).reservedTokens;
  }
}
