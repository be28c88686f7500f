/**
 * Which tokens may follow a configuration: a walk through the trie with the automaton.
 *
 * Plain tokens are not walked where their lengths decide, as inside a string; and where a leaf
 * decides alone, all without a quote are walked once per place in it. In a string whose bound is
 * far away the mask is that of the string without it, but for the longest tokens. Masks are kept by
 * configuration as long as there is room; a mask that is kept is handed out as it is.
 */
import { assert, maxOf } from '@wafer/core';
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
  /** Of tokens without a quote, by leaf; of plain tokens alone, by how many characters go. */
  readonly #byLeaf = new Map<number, Uint32Array>();
  readonly #plainByLength = new Map<number, Uint32Array>();
  readonly #masksMax: number;
  /** Masks that were walked for, and those that were there. */
  madeCount = 0;
  keptCount = 0;

  constructor(automaton: Automaton, trie: TokenTrie, bytesMax: number = MASK_BYTES_MAX) {
    this.#automaton = automaton;
    this.#trie = trie;
    this.#words = Math.ceil(trie.vocabCount / 32);
    this.#path = new Int32Array(
      maxOf([trie.plain, trie.rest, trie.quoted].map(({ depthMax }) => depthMax)) + 1,
    );
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
    const free = this.#automaton.unbounded(configuration, this.#trie.commonBytes);
    const mask = free === configuration ? this.#make(configuration) : this.maskOf(free).slice();
    if (free !== configuration) this.#walkLongest(configuration, mask);
    this.madeCount++;
    this.#keep(this.#masks, configuration, mask);
    return mask;
  }

  #make(configuration: number): Uint32Array {
    const mask = this.#unquotedMask(configuration);
    this.#walk(this.#trie.quoted, configuration, mask);
    return mask;
  }

  /** Decides anew on the longest tokens of a mask. */
  #walkLongest(configuration: number, mask: Uint32Array): void {
    const { long } = this.#trie;
    for (const token of long.tokens) mask[token >>> 5]! &= ~(1 << (token & 31));
    this.#walk(long, configuration, mask);
  }

  /** A mask of the tokens without a quote that may follow, the caller's own. */
  #unquotedMask(configuration: number): Uint32Array {
    const leaf = this.#automaton.closedLeaf(configuration);
    const known = this.#byLeaf.get(leaf);
    if (known !== undefined) return known.slice();
    const { certain, isExact } = this.#automaton.plainRun(configuration);
    const mask = isExact ? this.#lengthMask(certain).slice() : new Uint32Array(this.#words);
    if (!isExact) this.#walk(this.#trie.plain, configuration, mask);
    this.#walk(this.#trie.rest, configuration, mask);
    if (leaf >= 0) this.#keep(this.#byLeaf, leaf, mask.slice());
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
