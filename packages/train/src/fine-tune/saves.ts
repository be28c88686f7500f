/**
 * Checkpoints of a fine-tuning run: those on the way beside the steps, those that something is told
 * of at once.
 */
import { join } from 'node:path';
import { AsideCheckpoints } from '../checkpoint/aside.ts';
import type { Trainer } from '../trainer.ts';
import type { FineTuneOrder, ModelPoint } from './order.ts';

const CHECKPOINTS_KEPT = 2;

export class FineTuneSaves {
  readonly #trainer: Trainer;
  readonly #folder: string;
  readonly #everyMs: number;
  /** A copy of all values: made when the first is due, as short runs need none. */
  #aside: AsideCheckpoints | undefined;
  #lastMs = performance.now();

  constructor(trainer: Trainer, order: Pick<FineTuneOrder, 'folder' | 'checkpointMs'>) {
    this.#trainer = trainer;
    this.#folder = join(order.folder, 'checkpoints');
    this.#everyMs = order.checkpointMs;
  }

  /**
   * Begins one and goes on, if the last is long enough ago.
   * Throws: OUTPUT_FAILED of the one before, HOST_REFUSED.
   */
  async beginIfDue(point: ModelPoint): Promise<void> {
    if (performance.now() - this.#lastMs <= this.#everyMs) return;
    const trainer = this.#trainer;
    this.#aside ??= new AsideCheckpoints(trainer.run, trainer.job.model);
    await this.#aside.begin(this.#folder, trainer.checkpointUse(point, CHECKPOINTS_KEPT));
    this.#lastMs = performance.now();
  }

  /** Writes one while nothing else is done, after any that is on its way. Throws: OUTPUT_FAILED. */
  async now(point: ModelPoint): Promise<void> {
    await this.#aside?.settle();
    this.#trainer.checkpoint(this.#folder, point, CHECKPOINTS_KEPT);
    this.#lastMs = performance.now();
  }

  /** Waits for one that is on its way, whatever becomes of it. */
  async close(): Promise<void> {
    await this.#aside?.close();
  }
}
