/**
 * Random numbers from a seed, for simulated faults and traffic: one seed replays the run.
 *
 * Source: Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators" (the 32-bit
 * finalizer is from Chris Wellons' search, "Prospecting for Hash Functions").
 */

/** A generator of whole numbers below a bound, and of chances. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next 32 bits, signed. */
  bits(): number {
    this.#state = (this.#state + 0x9e37_79b9) | 0;
    return mix(this.#state);
  }

  /** A number from 0 on, below 1. */
  fraction(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** Whether something of the given probability happens. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }
}

/** Scrambles 32 bits, one to one. */
export function mix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x7feb_352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846c_a68b);
  return x ^ (x >>> 16);
}
