/**
 * Numbers of texts, in typed arrays: all code units in one pool, and a hash table of places in it.
 *
 * A text is looked up as a part of a string or as two parts joined, without making a string: with
 * 446,000 merges of three look-ups each, that is most of the time to build a tokenizer.
 *
 * Source: Fowler, Noll, Vo: the FNV-1a hash.
 */
import { PROBES_MAX } from './probes.ts';

const EMPTY = -1;
/** Instead of a slot: the text is not near the one where it would begin. */
const FAR = -1;
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

export class TextTable {
  #units: Uint16Array = new Uint16Array(1024);
  /** Per text, by the order they came: where it begins in the pool (and the next one), number. */
  #starts = new Int32Array(256);
  #hashes = new Int32Array(256);
  #values = new Int32Array(256);
  #count = 0;
  /** Texts collide so that it cannot grow: it takes no more. */
  #isClosed = false;
  /** Hash → which text. */
  #slots = new Int32Array(512).fill(EMPTY);

  /** The number of a text, or of a part of it; -1 where there is none. */
  get(text: string, start = 0, end: number = text.length): number {
    const slot = this.#find(hashOf(OFFSET_BASIS, text, start, end), text, start, end, '', 0, 0);
    return this.#valueAt(slot);
  }

  /** The number of text[start … end - 1] + other[otherStart …]; -1 where there is none. */
  getJoined(text: string, start: number, end: number, other: string, otherStart: number): number {
    const first = hashOf(OFFSET_BASIS, text, start, end);
    const hash = hashOf(first, other, otherStart, other.length);
    const slot = this.#find(hash, text, start, end, other, otherStart, other.length);
    return this.#valueAt(slot);
  }

  #valueAt(slot: number): number {
    const index = slot === FAR ? EMPTY : this.#slots[slot]!;
    return index === EMPTY ? -1 : this.#values[index]!;
  }

  /** Sets the number, at least 0, of a text; false, and not set, where too many have one hash. */
  set(text: string, value: number): boolean {
    const hash = hashOf(OFFSET_BASIS, text, 0, text.length);
    const slot = this.#find(hash, text, 0, text.length, '', 0, 0);
    if (slot === FAR) return false;
    const known = this.#slots[slot]!;
    if (known !== EMPTY) {
      this.#values[known] = value;
      return true;
    }
    if (this.#isClosed) return false;
    const index = this.#count++;
    this.#reserve(text.length);
    const start = this.#starts[index]!;
    for (let at = 0; at < text.length; at++) this.#units[start + at] = text.charCodeAt(at);
    this.#starts[index + 1] = start + text.length;
    this.#hashes[index] = hash;
    this.#values[index] = value;
    this.#slots[slot] = index;
    if (this.#count * 2 > this.#slots.length) this.#isClosed = !this.#rehash();
    return true;
  }

  /** The slot of a text made of two parts, or the empty one where it would go, or FAR. */
  #find(
    hash: number,
    text: string,
    start: number,
    end: number,
    other: string,
    otherStart: number,
    otherEnd: number,
  ): number {
    const mask = this.#slots.length - 1;
    const length = end - start;
    const whole = length + otherEnd - otherStart;
    let slot = mix(hash) & mask;
    for (let probe = 0; probe < PROBES_MAX; probe++, slot = (slot + 1) & mask) {
      const index = this.#slots[slot]!;
      if (index === EMPTY) return slot;
      if (this.#hashes[index] !== hash) continue;
      const from = this.#starts[index]!;
      if (this.#starts[index + 1]! - from !== whole) continue;
      if (!this.#isAt(from, text, start, end)) continue;
      if (this.#isAt(from + length, other, otherStart, otherEnd)) return slot;
    }
    return FAR;
  }

  #isAt(from: number, text: string, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (this.#units[from + at - start] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  #reserve(unitCount: number): void {
    const needed = this.#starts[this.#count - 1]! + unitCount;
    if (needed > this.#units.length) {
      const grown = new Uint16Array(Math.max(needed, this.#units.length * 2));
      grown.set(this.#units);
      this.#units = grown;
    }
    if (this.#count < this.#starts.length) return;
    const grow = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(array.length * 2);
      grown.set(array);
      return grown;
    };
    this.#starts = grow(this.#starts);
    this.#hashes = grow(this.#hashes);
    this.#values = grow(this.#values);
  }

  /** Doubles the slots; false, and all as it was, where a text would be too far from its own. */
  #rehash(): boolean {
    const slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = mix(this.#hashes[index]!) & mask;
      let probe = 1;
      while (slots[slot] !== EMPTY && probe++ < PROBES_MAX) slot = (slot + 1) & mask;
      if (slots[slot] !== EMPTY) return false;
      slots[slot] = index;
    }
    this.#slots = slots;
    return true;
  }
}

function hashOf(before: number, text: string, start: number, end: number): number {
  let hash = before;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash | 0;
}

function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
