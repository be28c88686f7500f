/** The tiers of requests, and sums by tier: each waits for its own and for higher ones. */
import { assert } from '@wafer/core';

/** Highest first, as the engine takes them. */
const TIERS = ['priority', 'default', 'flex'] as const;

export type Tier = (typeof TIERS)[number];

/** A sum for each tier. */
export class TierSums {
  readonly #sums = TIERS.map(() => 0);

  get total(): number {
    return this.upTo('flex');
  }

  add(tier: Tier, count: number): void {
    const at = TIERS.indexOf(tier);
    this.#sums[at]! += count;
    assert(this.#sums[at]! >= 0, 'who leaves had come', { tier, sum: this.#sums[at] });
  }

  /** Of this tier and those that go before it. */
  upTo(tier: Tier): number {
    return this.#sums.slice(0, TIERS.indexOf(tier) + 1).reduce((sum, one) => sum + one, 0);
  }
}
