/**
 * Rows of preferences: two answers to the same, each in a row of its own.
 *
 *   documents    0 better, 0 other | 1 better, 1 other | …
 *   rows         of pair p of the run (from 0, over all steps): 2p the better, 2p + 1 the other
 *
 * Behind the end of a document a row has token 0, which counts nowhere and nothing looks back at.
 */
import { assert, WaferError } from '@wafer/core';
import type { RowOrder } from '../settings.ts';
import { emptyRow, EpochOrder } from './rows.ts';
import type { RowSource, TrainRow } from './rows.ts';
import type { TokenSource } from './token-source.ts';

export class PairRows implements RowSource {
  readonly rowCount: number;
  readonly #context: number;
  readonly #source: TokenSource;
  readonly #starts: Uint32Array;
  readonly #order: EpochOrder;
  readonly #buffer: Uint32Array;

  /** `source` has two documents a pair, none above T + 1 tokens. Throws: DATA_TOO_SHORT. */
  constructor(source: TokenSource, use: { context: number; order: RowOrder; seed: number }) {
    const { starts = new Uint32Array(0) } = source;
    assert(starts.length % 2 === 0, 'documents of preferences are pairs', { count: starts.length });
    if (starts.length === 0) throw new WaferError('DATA_TOO_SHORT', { tokens: 0, needed: 2 });
    this.#source = source;
    this.#starts = starts;
    this.#context = use.context;
    this.rowCount = starts.length;
    this.#order = new EpochOrder(starts.length / 2, use);
    this.#buffer = new Uint32Array(use.context + 1);
  }

  create(): TrainRow {
    return emptyRow(this.#context);
  }

  read(index: number, row: TrainRow): void {
    this.readDocument(this.documentOf(index), row);
  }

  /** Which document row `index` of the run is. */
  documentOf(index: number): number {
    return 2 * this.#order.placeOf(Math.floor(index / 2)) + (index % 2);
  }

  /** Fills `row` with a document. */
  readDocument(document: number, row: TrainRow): void {
    const start = this.#starts[document]!;
    const end = this.#starts[document + 1] ?? this.#source.count;
    const count = end - start;
    assert(count <= this.#buffer.length, 'a document fits into a row', { count });
    const ids = this.#buffer.subarray(0, count);
    this.#source.read(start, ids);
    for (const list of [row.tokens, row.targets, row.counts, row.firsts]) list.fill(0);
    row.tokens.set(ids.subarray(0, count - 1));
    row.targets.set(ids.subarray(1));
    const { counts } = this.#source;
    if (counts) row.counts.set(counts.subarray(start + 1, end));
    else row.counts.fill(1, 0, count - 1);
    row.countedTargets = row.counts.reduce((sum, one) => sum + one, 0);
  }
}
