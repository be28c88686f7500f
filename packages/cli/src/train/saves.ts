/**
 * The checkpoints of `wafer train`: the first and the last at once, those between beside the steps.
 */
import { join } from 'node:path';
import { AsideCheckpoints } from '@wafer/train';
import type { AsideTimes } from '@wafer/train';
import type { TrainFlags } from './flags.ts';
import type { OpenTraining } from './job.ts';
import { STEPS_FILE } from './log.ts';
import type { TrainRecord } from './record.ts';

export class TrainSaves {
  readonly #open: OpenTraining;
  readonly #keep: number;
  readonly #record: TrainRecord;
  readonly #folder: string;
  readonly #aside: AsideCheckpoints | undefined;

  /** Reserves what is needed beside the run. Throws: HOST_REFUSED. */
  constructor(open: OpenTraining, flags: TrainFlags, record: TrainRecord) {
    const { trainer, out } = open;
    const { checkpointEvery: every, keep } = flags;
    this.#open = open;
    this.#keep = keep;
    this.#record = record;
    this.#folder = join(out, 'checkpoints');
    const next = (Math.floor(trainer.step / every) + 1) * every;
    const hasMore = every > 0 && next < trainer.job.settings.steps;
    if (hasMore) this.#aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  }

  /** Bytes of the copy that checkpoints are written from. */
  get bytes(): number {
    return this.#aside?.bytes ?? 0;
  }

  /** What those beside the steps took; undefined if there were none. */
  get times(): AsideTimes | undefined {
    const times = this.#aside?.times;
    return times === undefined || times.count === 0 ? undefined : times;
  }

  /** Writes one while nothing else is done, after any that is on its way. Throws: OUTPUT_FAILED. */
  async now(check?: () => void): Promise<void> {
    const { trainer, saved } = this.#open;
    await this.settle();
    this.#record.mark(this.times);
    this.#record.sync();
    await trainer.gather();
    trainer.checkpoint(this.#folder, saved, this.#keep, check);
  }

  /** Begins one, and goes on. Throws: OUTPUT_FAILED of the one before. */
  async begin(): Promise<void> {
    if (this.#aside === undefined) return this.now();
    const { trainer, saved, out } = this.#open;
    this.#record.mark(this.times);
    const use = trainer.checkpointUse(saved, this.#keep);
    return this.#aside.begin(this.#folder, use, join(out, STEPS_FILE));
  }

  /** Waits until what was begun is on the disk. Throws: OUTPUT_FAILED. */
  async settle(): Promise<void> {
    await this.#aside?.settle();
  }

  /** Between steps: whether one has failed. Throws: OUTPUT_FAILED. */
  check(): void {
    this.#aside?.check();
  }

  /** Waits for one that is on its way, whatever becomes of it. */
  async close(): Promise<void> {
    await this.#aside?.close();
  }
}

/** What checkpoints took, as a field of text; nothing if all were written between steps. */
export function saveFields(times: AsideTimes | undefined, allMs: number): [string, string][] {
  if (times === undefined) return [];
  const { count, copyMs, waitMs, waits, writeMs } = times;
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const share = ((100 * (copyMs + waitMs)) / allMs).toFixed(2);
  const waited = waits > 0 ? `, ${waits} waited for the one before: ${ms(waitMs)}` : '';
  const each = `copies of ${ms(copyMs / count)}${waited}; written in ${ms(writeMs / count)} each`;
  return [['checkpoints', `${count} beside the steps, ${share} % of the time: ${each}`]];
}
