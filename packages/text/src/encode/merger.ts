/**
 * Byte-pair merging in n log n steps, whatever the text.
 *
 *     symbols   h  e  l  l  o          linked list: next[], before[]
 *     pairs     └r2┘└──┘└r7┘└──┘       heap of rank · 2^31 + place: best rank first, then leftmost
 *
 * A pair is merged where it stands; its two neighbors get new pairs. An entry of the heap whose
 * rank is no longer that of its place is stale and dropped. At most n pairs are there at first and
 * each merge adds two, so that the heap sees fewer than 3 n entries, a megabyte of one letter
 * included.
 *
 * Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units".
 */
import type { PairTable } from './pair-table.ts';

/** Which pairs merge, into what, and which first. */
export interface MergeRules {
  /** Pair of symbols → rule. */
  readonly pairs: PairTable;
  /** Per rule: its rank, below 2^21. Rules of one rank merge from the left. */
  readonly ranks: Int32Array;
  /** Per rule: the symbol that it makes. */
  readonly results: Int32Array;
}

const PLACE_RANGE = 2 ** 31;
const NO_RULE = -1;

/** Working memory that is kept between calls covers this many symbols. */
const KEPT_SYMBOLS = 4096;

export class Merger {
  /** Heap entries taken so far: the measure of work. */
  stepCount = 0;
  readonly #rules: MergeRules;
  #next = new Int32Array(0);
  #before = new Int32Array(0);
  /** Per place: the rule of the pair that begins there. */
  #rule = new Int32Array(0);
  #heap = new Float64Array(0);
  #heapCount = 0;

  constructor(rules: MergeRules) {
    this.#rules = rules;
  }

  /** Merges symbols[0 … count - 1] in place; returns how many are left at the beginning. */
  merge(symbols: Int32Array, count: number): number {
    if (count < 2) return count;
    this.#reserve(count);
    this.#link(symbols, count);
    const [next, before] = [this.#next, this.#before];
    const { ranks, results } = this.#rules;
    while (this.#heapCount > 0) {
      const entry = this.#pop();
      this.stepCount++;
      const rank = Math.floor(entry / PLACE_RANGE);
      const place = entry - rank * PLACE_RANGE;
      const rule = this.#rule[place]!;
      if (rule === NO_RULE || ranks[rule] !== rank) continue;
      const second = next[place]!;
      const third = next[second]!;
      symbols[place] = results[rule]!;
      this.#rule[second] = NO_RULE;
      next[place] = third;
      if (third < count) before[third] = place;
      this.#look(symbols, place, third, count);
      const first = before[place]!;
      if (first >= 0) this.#look(symbols, first, place, count);
    }
    let kept = 0;
    for (let place = 0; place < count; place = next[place]!) symbols[kept++] = symbols[place]!;
    if (count > KEPT_SYMBOLS) this.#release();
    return kept;
  }

  #link(symbols: Int32Array, count: number): void {
    const { pairs, ranks } = this.#rules;
    let held = 0;
    for (let place = 0; place < count; place++) {
      this.#next[place] = place + 1;
      this.#before[place] = place - 1;
      const rule = place + 1 < count ? pairs.get(symbols[place]!, symbols[place + 1]!) : NO_RULE;
      this.#rule[place] = rule;
      if (rule !== NO_RULE) this.#heap[held++] = ranks[rule]! * PLACE_RANGE + place;
    }
    this.#heapCount = held;
    for (let index = (held >> 1) - 1; index >= 0; index--) this.#sink(index, this.#heap[index]!);
  }

  /** Notes the pair that begins at a place; `right` is its second symbol's place. */
  #look(symbols: Int32Array, place: number, right: number, count: number): void {
    const { pairs, ranks } = this.#rules;
    const rule = right < count ? pairs.get(symbols[place]!, symbols[right]!) : NO_RULE;
    this.#rule[place] = rule;
    if (rule !== NO_RULE) this.#push(ranks[rule]! * PLACE_RANGE + place);
  }

  // ---- heap: the smallest entry first

  #push(entry: number): void {
    const heap = this.#heap;
    let index = this.#heapCount++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]! <= entry) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): number {
    const entry = this.#heap[0]!;
    const last = this.#heap[--this.#heapCount]!;
    if (this.#heapCount > 0) this.#sink(0, last);
    return entry;
  }

  #sink(start: number, entry: number): void {
    const [heap, count] = [this.#heap, this.#heapCount];
    let index = start;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= count) break;
      if (child + 1 < count && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= entry) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = entry;
  }

  // ---- working memory

  #reserve(count: number): void {
    if (count <= this.#next.length) return;
    const length = Math.max(count, 64, Math.min(count * 2, KEPT_SYMBOLS));
    this.#next = new Int32Array(length);
    this.#before = new Int32Array(length);
    this.#rule = new Int32Array(length);
    // Each merge takes one entry off and puts at most two on: never more than 2 n are held.
    this.#heap = new Float64Array(length * 2);
  }

  #release(): void {
    this.#next = new Int32Array(0);
    this.#before = new Int32Array(0);
    this.#rule = new Int32Array(0);
    this.#heap = new Float64Array(0);
  }
}
