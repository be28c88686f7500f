/**
 * Which tokens may follow a configuration: a walk through the trie with the automaton.
 *
 * Plain tokens are not walked where their lengths decide, as inside a string; and where a leaf
 * decides alone, they are walked once per place in it. Masks are kept by configuration as long as
 * there is room; a mask that is kept is handed out as it is.
 */
import { assert } from '@wafer/core';
import type { Automaton } from './automaton.ts';
import type { TokenTrie, TrieTable } from './token-trie.ts';

/** Bytes of masks that a grammar keeps. */
export const MASK_BYTES_MAX: number = 32 * 2 ** 20;

export class MaskMaker {
  readonly #automaton: Automaton;
  readonly #trie: TokenTrie;
  readonly #words: number;
  readonly #path: Int32Array;
  /** By configuration, least recently used first. */
  readonly #masks = new Map<number, Uint32Array>();
  /** Of plain tokens alone, by leaf, and by how many characters go. */
  readonly #plainByLeaf = new Map<number, Uint32Array>();
  readonly #plainByLength = new Map<number, Uint32Array>();
  readonly #masksMax: number;
  /** Masks that were walked for, and those that were there. */
  madeCount = 0;
  keptCount = 0;

  constructor(automaton: Automaton, trie: TokenTrie, bytesMax: number = MASK_BYTES_MAX) {
    this.#automaton = automaton;
    this.#trie = trie;
    this.#words = Math.ceil(trie.vocabCount / 32);
    this.#path = new Int32Array(Math.max(trie.plain.depthMax, trie.rest.depthMax) + 1);
    this.#masksMax = Math.max(2, Math.floor(bytesMax / (this.#words * 4)));
  }

  /** The mask of what may follow, not to be written to. Shapes: [⌈V / 32⌉]. */
  maskOf(configuration: number): Uint32Array {
    const known = this.#masks.get(configuration);
    if (known !== undefined) {
      this.#masks.delete(configuration);
      this.#masks.set(configuration, known);
      this.keptCount++;
      return known;
    }
    const mask = this.#plainMask(configuration);
    this.#walk(this.#trie.rest, configuration, mask);
    this.madeCount++;
    this.#keep(this.#masks, configuration, mask);
    return mask;
  }

  /** A mask of the plain tokens that may follow, the caller's own. */
  #plainMask(configuration: number): Uint32Array {
    const { certain, isExact } = this.#automaton.plainRun(configuration);
    if (isExact) return this.#lengthMask(certain).slice();
    const leaf = this.#automaton.plainLeaf(configuration);
    const known = this.#plainByLeaf.get(leaf);
    if (known !== undefined) return known.slice();
    const mask = new Uint32Array(this.#words);
    this.#walk(this.#trie.plain, configuration, mask);
    if (leaf >= 0) this.#keep(this.#plainByLeaf, leaf, mask.slice());
    return mask;
  }

  #lengthMask(length: number): Uint32Array {
    const { plainCounts, plainTokens } = this.#trie;
    const longest = Math.min(length, plainCounts.length - 1);
    const known = this.#plainByLength.get(longest);
    if (known !== undefined) return known;
    const mask = new Uint32Array(this.#words);
    const count = plainCounts[longest]!;
    for (let i = 0; i < count; i++) mask[plainTokens[i]! >>> 5]! |= 1 << (plainTokens[i]! & 31);
    this.#keep(this.#plainByLength, longest, mask);
    return mask;
  }

  #keep(masks: Map<number, Uint32Array>, key: number, mask: Uint32Array): void {
    masks.set(key, mask);
    if (masks.size <= this.#masksMax) return;
    const [oldest] = masks.keys();
    masks.delete(oldest!);
  }

  #walk(table: TrieTable, configuration: number, mask: Uint32Array): void {
    const { bytes, depths, ends, tokenStarts, tokens } = table;
    const path = this.#path;
    const automaton = this.#automaton;
    if (table.depthMax >= path.length) assert(false, 'a path holds the deepest token');
    path[0] = configuration;
    for (let node = 0; node < bytes.length;) {
      const depth = depths[node]!;
      const to = automaton.step(path[depth - 1]!, bytes[node]!);
      if (to < 0) {
        node = ends[node]!;
        continue;
      }
      path[depth] = to;
      for (let i = tokenStarts[node]!; i < tokenStarts[node + 1]!; i++) {
        const token = tokens[i]!;
        mask[token >>> 5]! |= 1 << (token & 31);
      }
      node++;
    }
  }
}
