/**
 * Numbers out of a seed: a hash of (seed, tensor, element), so that any part can be made alone.
 *
 * Source: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
 */

const WORD = (1n << 64n) - 1n;

/** One round of the hash, modulo 2^64. */
export function mix(value: bigint): bigint {
  let z = (value + 0x9e3779b97f4a7c15n) & WORD;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & WORD;
  return z ^ (z >> 31n);
}

/** Makes the 24 random bits of an element of a tensor. */
export function bitsOf(seed: number, tensor: number): (element: number) => number {
  const start = mix((BigInt(seed) << 32n) + BigInt(tensor));
  return (element) => Number(mix((start + BigInt(element)) & WORD) >> 40n);
}

/** Fills a tensor with values within ±a, each rounded once. */
export function fillUniform(
  target: Float32Array,
  { seed, tensor, a }: { seed: number; tensor: number; a: number },
): void {
  const bits = bitsOf(seed, tensor);
  const factor = Math.fround(a);
  for (let i = 0; i < target.length; i++) target[i] = (bits(i) / 2 ** 23 - 1) * factor;
}

/** A seeded order of 0 … count - 1 (Fisher and Yates). */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const start = mix((BigInt(seed) << 32n) + BigInt(epoch));
  for (let i = count - 1; i > 0; i--) {
    const j = Number((mix((start + BigInt(i)) & WORD) >> 11n) % BigInt(i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
