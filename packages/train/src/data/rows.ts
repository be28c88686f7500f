/**
 * Rows of a run: which tokens each row of each step reads, as a function of its number alone.
 *
 *   tokens   0 … T-1 | T … 2T-1 | …         row i reads T inputs from i · T on; targets are one on
 *
 * Row g of the run (from 0, over all steps) is row g mod n of epoch ⌊g / n⌋, in the order of that
 * epoch; so the position of a loader is one number, and a checkpoint holds it exactly.
 */
import { WaferError } from '@wafer/core';
import { shuffledOrder } from '../generator.ts';
import type { RowOrder } from '../settings.ts';
import type { TokenSource } from './token-source.ts';

/** One row. Shapes: all [T]. */
export interface TrainRow {
  tokens: Uint32Array;
  targets: Uint32Array;
  /** Whether the loss counts a target. */
  counts: Uint8Array;
  /** The first position of this row that each position sees: where its document starts. */
  firsts: Uint32Array;
  /** How many targets count. */
  countedTargets: number;
  /** Factor of each target's loss in the step's gradient; undefined: 1 / (targets of the step). */
  share?: number | undefined;
}

/** Rows by their number in the run. */
export interface RowSource {
  /** Rows of an epoch, n. */
  readonly rowCount: number;
  /** A row to fill by `read`. */
  create(): TrainRow;
  /** Fills `row` with row `index` of the run. */
  read(index: number, row: TrainRow): void;
}

/** A row of `context` tokens, all of them 0. */
export function emptyRow(context: number): TrainRow {
  return {
    tokens: new Uint32Array(context),
    targets: new Uint32Array(context),
    counts: new Uint8Array(context),
    firsts: new Uint32Array(context),
    countedTargets: 0,
  };
}

/** Places of an epoch in their order: as they lie, or in a new seeded one each epoch. */
export class EpochOrder {
  readonly #count: number;
  readonly #order: RowOrder;
  readonly #seed: number;
  #epoch = -1;
  #places: Uint32Array = new Uint32Array(0);

  constructor(count: number, { order, seed }: { order: RowOrder; seed: number }) {
    this.#count = count;
    this.#order = order;
    this.#seed = seed;
  }

  placeOf(index: number): number {
    const epoch = Math.floor(index / this.#count);
    const place = index % this.#count;
    if (this.#order === 'sequential') return place;
    if (epoch !== this.#epoch) {
      this.#places = shuffledOrder(this.#count, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#places[place]!;
  }
}

/** Rows of a source, side by side. */
export class TrainRows implements RowSource {
  readonly context: number;
  readonly rowCount: number;
  readonly #source: TokenSource;
  readonly #order: EpochOrder;
  readonly #buffer: Uint32Array;

  /** Throws: DATA_TOO_SHORT where not one row fits. */
  constructor(source: TokenSource, use: { context: number; order: RowOrder; seed: number }) {
    this.#source = source;
    this.context = use.context;
    this.rowCount = Math.floor((source.count - 1) / use.context);
    if (this.rowCount < 1) {
      throw new WaferError('DATA_TOO_SHORT', { tokens: source.count, needed: use.context + 1 });
    }
    this.#order = new EpochOrder(this.rowCount, use);
    this.#buffer = new Uint32Array(use.context + 1);
  }

  create(): TrainRow {
    return emptyRow(this.context);
  }

  read(index: number, row: TrainRow): void {
    const { context } = this;
    const start = this.#order.placeOf(index) * context;
    this.#source.read(start, this.#buffer);
    row.tokens.set(this.#buffer.subarray(0, context));
    row.targets.set(this.#buffer.subarray(1));
    this.#mark(start, row);
  }

  /** What counts, and what each position sees; a document's first token is no one's target. */
  #mark(start: number, row: TrainRow): void {
    const { counts, starts } = this.#source;
    row.counts.fill(1);
    row.firsts.fill(0);
    if (counts) row.counts.set(counts.subarray(start + 1, start + 1 + this.context));
    if (starts) this.#markDocuments(starts, start, row);
    row.countedTargets = row.counts.reduce((sum, one) => sum + one, 0);
  }

  #markDocuments(starts: Uint32Array, start: number, row: TrainRow): void {
    let next = firstAbove(starts, start);
    let first = 0;
    for (let t = 0; t < this.context; t++) {
      if (next < starts.length && starts[next] === start + t) {
        first = t;
        next++;
      }
      row.firsts[t] = first;
      if (next < starts.length && starts[next] === start + t + 1) row.counts[t] = 0;
    }
  }
}

/** Index of the first element above a value, in an ascending list. */
function firstAbove(list: Uint32Array, value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
