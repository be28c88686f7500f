/**
 * The parents of the first blocks of those who are to find no other's prefixes, by adapter and
 * tenant; the common one is 0.
 *
 * A root is a number alone, and is never used again. Of those who have not come for longest
 * nothing is kept: should they come again, their prefixes are computed again.
 */
import { assert } from '@wafer/core';

const COMMON_ROOT = 0;
/** Where the others begin: below the serials of blocks, and what stands for none, downwards. */
const FIRST_ROOT = -2;
const ROOTS_MAX = 4096;

export class KvRoots {
  /** Those that came last, the latest at the end. */
  readonly #roots = new Map<string, number>();
  #next = FIRST_ROOT;

  /** How many it has in mind. */
  get count(): number {
    return this.#roots.size;
  }

  /** Of the serial number of an adapter, 0 for none, and of a tenant, '' for none. */
  of(adapterSerial: number, tenant: string): number {
    if (adapterSerial === 0 && tenant === '') return COMMON_ROOT;
    const key = `${adapterSerial} ${tenant}`;
    const root = this.#roots.get(key) ?? this.#next--;
    assert(Number.isSafeInteger(root), 'each has a root of its own', { adapterSerial, root });
    this.#roots.delete(key);
    this.#roots.set(key, root);
    if (this.#roots.size > ROOTS_MAX) this.#roots.delete(this.#roots.keys().next().value!);
    return root;
  }
}
