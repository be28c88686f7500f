/**
 * Byte-pair merges learned from counted words: the most frequent pair of neighbors becomes a token,
 * over and over.
 *
 * Ties go to the pair with the lower ids, left one first, as Hugging Face's trainer has it. Counts
 * of pairs are kept up to date by the words that hold the merged pair. A heap gives the next pair;
 * an entry of it is good only while its count is the current one.
 *
 * Source: Sennrich et al. 2016.
 */
import { assert } from '@wafer/core';

/** A word as token ids, and how often it occurs. */
interface CountedWord {
  ids: number[];
  count: number;
}

interface PairEntry {
  count: number;
  left: number;
  right: number;
}

/** Ids of both parts of each merge; `idOf` says which token a pair makes; undefined: enough. */
export function learnMerges(
  words: readonly CountedWord[],
  idOf: (left: number, right: number) => number | undefined,
): [number, number][] {
  const list = words.map(({ ids, count }) => ({ ids: [...ids], count }));
  const counts = new Map<string, number>();
  const places = new Map<string, Set<number>>();
  const heap = new PairHeap();
  const addPairs = (index: number, sign: 1 | -1, touched: Set<string>): void => {
    const { ids, count } = list[index]!;
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = `${ids[i]} ${ids[i + 1]}`;
      counts.set(key, (counts.get(key) ?? 0) + sign * count);
      touched.add(key);
      if (sign === -1) continue;
      const known = places.get(key) ?? new Set();
      places.set(key, known.add(index));
    }
  };
  const offer = (touched: Set<string>): void => {
    for (const key of touched) {
      const [left = 0, right = 0] = key.split(' ').map(Number);
      const count = counts.get(key) ?? 0;
      if (count > 0) heap.push({ count, left, right });
    }
  };
  const all = new Set<string>();
  list.forEach((_, index) => addPairs(index, 1, all));
  offer(all);
  const merges: [number, number][] = [];
  for (;;) {
    const next = heap.pop();
    if (next === undefined) break;
    const key = `${next.left} ${next.right}`;
    if (counts.get(key) !== next.count) continue;
    const id = idOf(next.left, next.right);
    if (id === undefined) break;
    merges.push([next.left, next.right]);
    const touched = new Set<string>();
    for (const index of places.get(key) ?? []) {
      addPairs(index, -1, touched);
      const word = list[index]!;
      word.ids = mergePair(word.ids, next, id);
      addPairs(index, 1, touched);
    }
    counts.delete(key);
    places.delete(key);
    touched.delete(key);
    offer(touched);
  }
  return merges;
}

function mergePair(ids: readonly number[], pair: PairEntry, id: number): number[] {
  const merged: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const isPair = ids[i] === pair.left && ids[i + 1] === pair.right;
    merged.push(isPair ? id : ids[i]!);
    if (isPair) i++;
  }
  return merged;
}

/** Pairs by count, then by ids. */
class PairHeap {
  readonly #entries: PairEntry[] = [];

  push(entry: PairEntry): void {
    const entries = this.#entries;
    entries.push(entry);
    let at = entries.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): PairEntry | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    assert(at < entries.length, 'a hole of a heap is inside it', { at });
    entries[at] = last;
    return first;
  }
}

function isBefore(a: PairEntry, b: PairEntry): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}
