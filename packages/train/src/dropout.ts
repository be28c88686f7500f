/**
 * Which inputs of an adapter are dropped in a step: a hash of (seed, step, row, adapter, element).
 *
 * An element's index is its place in panels of 16 tokens, so it says position and unit. Nothing
 * depends on who computes it, in which order, or how often.
 */

/** Whose mask it is. */
export interface DropoutUse {
  seed: number;
  /** From 1 on. */
  step: number;
}

const ROUNDS = [0x9e3779b1, 0x85ebca6b] as const;

/** Key 0 or 1 of a row's mask of an adapter. */
export function dropoutKey(
  which: 0 | 1,
  seed: number,
  step: number,
  row: number,
  adapter: number,
): number {
  let key = ROUNDS[which] | 0;
  key = mixed(key, seed);
  key = mixed(key, step);
  key = mixed(key, row);
  return mixed(key, adapter);
}

function mixed(key: number, word: number): number {
  let h = Math.imul(key ^ word, 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}

/** Hashes below it are dropped. */
export function dropoutThreshold(share: number): number {
  return Math.floor(share * 2 ** 32);
}

/** What is kept is multiplied by this, so that a sum stays what it was on average. */
export function dropoutFactor(share: number): number {
  return Math.fround(1 / (1 - share));
}

/** The hash of an element, as the kernel computes it. */
export function dropoutHash(index: number, key0: number, key1: number): number {
  let h = (Math.imul(index, 0x9e3779b1) + key0) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15) ^ key1, 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
