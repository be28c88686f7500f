/**
 * Random numbers by counter: the number at an index depends on the seed and the index alone.
 *
 * A generator with state would have to be rewound when a sequence is evicted, re-run or resumed
 * elsewhere; this one is asked for "number 17 of seed 42" and always answers the same.
 *
 * Source: Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3" (Philox 4x32-10).
 */

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53; // the paper's constants
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9; // golden ratio
const WEYL_1 = 0xbb67ae85; // √3 - 1
const TWO_32 = 2 ** 32;

/** The largest seed: seeds are whole numbers that a double holds exactly. */
export const SEED_MAX: number = Number.MAX_SAFE_INTEGER;

/** The seed `count` after one, and the first after the last. */
export function seedAfter(seed: number, count: number): number {
  const left = SEED_MAX - seed;
  return count <= left ? seed + count : count - left - 1;
}

/** Returns number `index` of `seed`, uniform in [0, 1), a multiple of 2^-53. */
export function uniform(seed: number, index: number): number {
  const [word0, word1] = philox([index >>> 0, high(index), 0, 0], [seed >>> 0, high(seed)]);
  return ((word0 >>> 5) * 2 ** 26 + (word1 >>> 6)) / 2 ** 53;
}

/** Maps a counter of four words and a key of two to four random words. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of a product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh; // < 2^33, exact in a double
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
}

function high(value: number): number {
  return Math.floor(value / TWO_32) >>> 0;
}
