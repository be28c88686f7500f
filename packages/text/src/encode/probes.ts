/**
 * How far tables with open addressing look for a key.
 *
 * Their hashes have no seed, so a file can be made whose keys all begin at one slot. At a load of
 * at most a half, keys that were not made for it lie within some hundred slots, even a million of
 * them. Setting a key refuses more, so all keys of a table lie that near to their slot, and whoever
 * looks further knows that a key is not there.
 *
 * Source: Knuth, The Art of Computer Programming, volume 3, 6.4 (linear probing).
 */
export const PROBES_MAX: number = 2 ** 12;

export function tooManyCollide(): Error {
  return new Error('its tokens collide');
}
