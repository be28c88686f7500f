/**
 * Numbers for short tuples of numbers: equal tuples have equal numbers, from 0 on.
 *
 * Open addressing over flat tables, since a mask asks for thousands of them.
 */
import { assert } from '@wafer/core';

export class Interner {
  readonly #width: number;
  #slots = new Int32Array(64).fill(-1);
  #tuples: Int32Array;
  #count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#tuples = new Int32Array(32 * width);
  }

  get count(): number {
    return this.#count;
  }

  /** The number of a tuple, a new one if it is unknown. */
  idOf(a: number, b: number, c = 0): number {
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    for (let slot = hash(a, b, c) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (id < 0) return this.#add(slot, [a, b, c]);
      const at = id * this.#width;
      const isSame = this.#tuples[at] === a && this.#tuples[at + 1] === b;
      if (isSame && (this.#width === 2 || this.#tuples[at + 2] === c)) return id;
    }
  }

  /** Member `index` of tuple `id`. */
  at(id: number, index: number): number {
    return this.#tuples[id * this.#width + index]!;
  }

  #add(slot: number, tuple: readonly number[]): number {
    const id = this.#count++;
    const needed = this.#count * this.#width;
    if (needed > this.#tuples.length) {
      const tuples = new Int32Array(this.#tuples.length * 2);
      tuples.set(this.#tuples);
      this.#tuples = tuples;
    }
    for (let i = 0; i < this.#width; i++) this.#tuples[id * this.#width + i] = tuple[i]!;
    this.#slots[slot] = id;
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      const at = id * this.#width;
      const c = this.#width === 2 ? 0 : this.#tuples[at + 2]!;
      let slot = hash(this.#tuples[at]!, this.#tuples[at + 1]!, c) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    assert(slots.length > this.#count, 'a table has free slots', { count: this.#count });
    this.#slots = slots;
  }
}

/** Mixes three words, as MurmurHash3 does. */
function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ Math.imul(c, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}
