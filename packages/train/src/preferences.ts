/**
 * Direct preference optimization: what each answer of a step's pairs counts.
 *
 *   m = β ((log π(better) - log ρ(better)) - (log π(other) - log ρ(other)))      the reward margin
 *   loss = - log σ(m), its mean over the pairs of a step
 *   ∂ loss / ∂ log π = ∓ β σ(-m) / pairs                                      a share of each row
 *
 * π are the weights as they are, ρ those that the run began with; a log-probability is the sum over
 * the tokens that answer. ρ is computed before the first step and kept, 8 bytes a row, so that no
 * second copy of weights is held. A step walks its rows forward once to get its shares, then both
 * ways with them. All of it is in f64, rows ascending; a share is rounded to f32 once.
 *
 * Source: Rafailov et al. 2023, "Direct Preference Optimization".
 */
import { assert } from '@wafer/core';
import type { PairRows } from './data/pair-rows.ts';
import type { TrainRow } from './data/rows.ts';
import type { DropoutUse } from './dropout.ts';
import type { TrainRun } from './engine/run.ts';
import type { PreferenceSettings } from './settings.ts';

/** What a margin counts unless told otherwise, as in the paper. */
export const DPO_BETA = 0.1;

/** Means over pairs. */
export interface PairFigures {
  loss: number;
  /** The reward margin, m. */
  margin: number;
  /** Share of pairs whose margin is above 0. */
  accuracy: number;
}

/** One pair's loss, its margin, and β σ(-m). */
export function pairLoss(
  ratios: { better: number; other: number },
  { beta }: PreferenceSettings,
): { loss: number; margin: number; weight: number } {
  const margin = beta * (ratios.better - ratios.other);
  // log(1 + exp(-m)), without an overflow.
  const loss = Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  return { loss, margin, weight: beta / (1 + Math.exp(margin)) };
}

export class Preferences {
  readonly #rows: PairRows;
  readonly #settings: PreferenceSettings;
  /** log ρ of each document; undefined until it is measured or given. */
  #references: Float64Array | undefined;

  constructor(rows: PairRows, settings: PreferenceSettings) {
    this.#rows = rows;
    this.#settings = settings;
  }

  /** log ρ of each document, for checkpoints; undefined: not yet. Shapes: [documents]. */
  get references(): Float64Array | undefined {
    return this.#references;
  }

  set references(values: Float64Array | undefined) {
    const { rowCount } = this.#rows;
    const isFit = values === undefined || values.length === rowCount;
    assert(isFit, 'each document has its reference', { rowCount });
    this.#references = values;
  }

  /** Computes log ρ of all documents with the weights that are there; `tell` says how many. */
  async measure(
    run: TrainRun,
    batch: readonly TrainRow[],
    tell: (rows: number) => void | Promise<void>,
  ): Promise<void> {
    const { rowCount } = this.#rows;
    const references = new Float64Array(rowCount);
    for (let first = 0; first < rowCount; first += batch.length) {
      batch.forEach((row, index) => this.#rows.readDocument((first + index) % rowCount, row));
      await evaluate(run, batch);
      const end = Math.min(batch.length, rowCount - first);
      run.lossesOf(batch).forEach((loss, index) => {
        if (index < end) references[first + index] = -loss;
      });
      await tell(first + end);
    }
    this.#references = references;
  }

  /** Reads the rows of the run from `first` on, and gives each its share of the gradient. */
  async weigh(
    run: TrainRun,
    batch: readonly TrainRow[],
    { first, dropout }: { first: number; dropout: DropoutUse },
  ): Promise<PairFigures> {
    const pairCount = batch.length / 2;
    const sums = await this.#sums(run, batch, { first, pairCount, dropout });
    return meanOf(sums, pairCount);
  }

  /** Figures of the first `rowsMax` rows, at least of one pair, in whole steps. */
  async validate(run: TrainRun, batch: readonly TrainRow[], rowsMax: number): Promise<PairFigures> {
    const count = Math.max(1, Math.floor(Math.min(this.#rows.rowCount, rowsMax) / 2));
    const all: PairFigures = { loss: 0, margin: 0, accuracy: 0 };
    for (let first = 0; first < count; first += batch.length / 2) {
      const pairCount = Math.min(batch.length / 2, count - first);
      const { loss, margin, accuracy } = await this.#sums(run, batch, {
        first: 2 * first,
        pairCount,
      });
      all.loss += loss;
      all.margin += margin;
      all.accuracy += accuracy;
    }
    return meanOf(all, count);
  }

  /** Sums over the first pairs of the rows from `first` on. */
  async #sums(
    run: TrainRun,
    batch: readonly TrainRow[],
    use: { first: number; pairCount: number; dropout?: DropoutUse },
  ): Promise<PairFigures> {
    const { first, pairCount, dropout } = use;
    const references = this.#references;
    assert(references !== undefined, 'references are there before the first step', {});
    batch.forEach((row, index) => this.#rows.read(first + index, row));
    // What the step drops is dropped here, too: then it is the loss that the gradient is of.
    await evaluate(run, batch, dropout);
    const losses = run.lossesOf(batch);
    const ratio = (index: number): number =>
      -losses[index]! - references[this.#rows.documentOf(first + index)]!;
    const sums: PairFigures = { loss: 0, margin: 0, accuracy: 0 };
    for (let pair = 0; pair < pairCount; pair++) {
      const [better, other] = [2 * pair, 2 * pair + 1];
      const ratios = { better: ratio(better), other: ratio(other) };
      const { loss, margin, weight } = pairLoss(ratios, this.#settings);
      sums.loss += loss;
      sums.margin += margin;
      sums.accuracy += margin > 0 ? 1 : 0;
      batch[better]!.share = weight / pairCount;
      batch[other]!.share = -weight / pairCount;
    }
    return sums;
  }
}

/** Rows forward, with no share of their own: what a step before left there is another's. */
async function evaluate(
  run: TrainRun,
  batch: readonly TrainRow[],
  dropout?: DropoutUse,
): Promise<void> {
  for (const row of batch) row.share = undefined;
  await run.evaluate(batch, { dropout });
}

function meanOf({ loss, margin, accuracy }: PairFigures, count: number): PairFigures {
  return { loss: loss / count, margin: margin / count, accuracy: accuracy / count };
}
