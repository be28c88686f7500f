/**
 * A training run from its first step to its last: rows, rates, steps, losses, checkpoints.
 *
 * Step s reads rows (s - 1) · R … s · R - 1 of the run; so steps done are the loader's position,
 * and with weights and moments all that a checkpoint holds. Bits depend on settings, data and
 * model alone.
 */
import { join } from 'node:path';
import type { Rounding } from '@wafer/core';
import type { Model } from '@wafer/models';
import { TrainRows } from './data/rows.ts';
import type { TrainRow } from './data/rows.ts';
import type { TokenSource } from './data/token-source.ts';
import type { TrainShape } from './engine/layout.ts';
import { TrainRun } from './engine/run.ts';
import type { CutOptions } from './engine/run.ts';
import { fillInitial } from './model/shape-spec.ts';
import { checkAdapters, fillAdapters, mergedWeights, writeAdapters } from './model/adapters.ts';
import { readWeights, writeWeights } from './model/weights.ts';
import { checksums, readCheckpoint, writeCheckpoint } from './checkpoint/checkpoint.ts';
import type { FoundCheckpoint } from './checkpoint/checkpoint.ts';
import { trainProgram } from './network/program.ts';
import type { AdapterSettings } from './network/program.ts';
import { learningRate } from './schedule.ts';
import { checkSettings, rowsOfStep } from './settings.ts';
import type { TrainSettings } from './settings.ts';

/** What a run is made of. */
export interface TrainJob {
  /** What is trained; `isNew`: its weights are made from the seed. */
  model: Model;
  isNew: boolean;
  settings: TrainSettings;
  shape: TrainShape;
  /** Stages and replicas are shared out among chips. */
  cut?: CutOptions | undefined;
  rounding: Rounding;
  /** Only low-rank changes of some matrices are trained. */
  adapters?: AdapterSettings | undefined;
  data: TokenSource;
  valid?: TokenSource | undefined;
}

/** One step, as `--json` prints it. */
export interface TrainStep {
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  isSkipped: boolean;
}

export class Trainer {
  readonly job: TrainJob;
  readonly run: TrainRun;
  readonly #rows: TrainRows;
  readonly #valid: TrainRows | undefined;
  readonly #batch: TrainRow[];
  #step = 0;
  #updates = 0;

  /** Lays out and fills a run. Throws: TRAIN_*, DATA_TOO_SHORT, TENSOR_*, CHECKPOINT_INVALID. */
  constructor(job: TrainJob, from?: FoundCheckpoint) {
    const settings = checkSettings(job.settings);
    this.job = job;
    this.#rows = new TrainRows(job.data, settings);
    const { context } = settings;
    const use = { context, order: 'sequential', seed: 0 } as const;
    this.#valid = job.valid && new TrainRows(job.valid, use);
    const { adapters } = job;
    const { spec } = job.model;
    const program = trainProgram(spec, adapters && checkAdapters(adapters, spec));
    const count = rowsOfStep(settings);
    const { shape, cut, rounding } = job;
    this.run = new TrainRun(program, { context, rowsOfStep: count, shape, cut, rounding });
    this.#batch = Array.from({ length: count }, () => this.#rows.create());
    try {
      this.#begin(from);
    } catch (error) {
      // Its threads would outlive what nobody holds.
      void this.run.close();
      throw error;
    }
  }

  get step(): number {
    return this.#step;
  }

  get isDone(): boolean {
    return this.#step >= this.job.settings.steps;
  }

  /** Targets of a step, for rates. */
  get tokensOfStep(): number {
    return this.#batch.length * this.job.settings.context;
  }

  /** Trains on the next rows. Throws: TILE_CRASHED, TOKEN_OUT_OF_RANGE. */
  async next(): Promise<TrainStep> {
    const { schedule, optimizer, steps, clip } = this.job.settings;
    const step = this.#step + 1;
    this.#read(this.#rows, this.#step * this.#batch.length);
    const lr = learningRate(schedule, step, steps);
    const update = this.#updates + 1;
    const { loss, gradNorm, isSkipped } = await this.run.step(this.#batch, {
      optimizer,
      lr,
      clip,
      update,
    });
    this.#step = step;
    if (!isSkipped) this.#updates = update;
    return { step, loss, gradNorm, learningRate: lr, isSkipped };
  }

  /** Mean loss over the first rows of the validation data, at most `rowsMax`, whole steps. */
  async validate(rowsMax: number = Infinity): Promise<number | undefined> {
    const rows = this.#valid;
    if (rows === undefined) return undefined;
    const size = this.#batch.length;
    let [loss, targets] = [0, 0];
    const count = Math.min(rows.rowCount, rowsMax);
    for (let first = 0; first < count; first += size) {
      this.#read(rows, first);
      // What lies past the end was read again from the start, and must not count.
      for (const row of this.#batch.slice(count - first)) row.counts.fill(0);
      for (const row of this.#batch.slice(count - first)) row.countedTargets = 0;
      const part = await this.run.evaluate(this.#batch);
      loss += part.loss;
      targets += part.targets;
    }
    return targets > 0 ? loss / targets : undefined;
  }

  /** Brings what is written here from the chips of a cut run. Throws: CHIP_DIED. */
  async gather(): Promise<void> {
    await this.run.gather();
  }

  /**
   * Writes the weights, adapters merged in, as a folder that opens as a model; and the adapters.
   * Throws: OUTPUT_FAILED.
   */
  writeModel(folder: string): void {
    const { model, adapters } = this.job;
    writeWeights(this.run, model, folder, { valuesOf: mergedWeights(this.run) });
    if (adapters === undefined) return;
    const { name: base, spec } = model;
    writeAdapters(this.run, join(folder, 'adapter'), { base, spec, settings: adapters });
  }

  /**
   * Writes a checkpoint with what the caller needs to open the job again. What `check` throws
   * meanwhile stops it, and nothing of it is left.
   */
  checkpoint(folder: string, job: unknown, keep: number, check?: () => void): string {
    const state = { step: this.#step, updates: this.#updates, job };
    const { model } = this.job;
    return writeCheckpoint(folder, this.run, { model, state, keep, ...(check && { check }) });
  }

  /** SHA-256 of weights and moments. */
  hashes(): ReturnType<typeof checksums> {
    return checksums(this.run);
  }

  async close(): Promise<void> {
    await this.run.close();
    this.job.data.close();
    this.job.valid?.close();
  }

  #read(rows: TrainRows, first: number): void {
    this.#batch.forEach((row, index) => rows.read(first + index, row));
  }

  /** Fills the run: from a checkpoint, from the model's files, or from the seed. */
  #begin(from: FoundCheckpoint | undefined): void {
    const { model, isNew, settings } = this.job;
    if (from !== undefined) {
      readCheckpoint(from, this.run);
      this.#step = from.state.step;
      this.#updates = from.state.updates;
      return;
    }
    if (isNew) this.#fill();
    else readWeights(model, this.run);
    fillAdapters(this.run, settings.seed);
  }

  #fill(): void {
    const { seed } = this.job.settings;
    const { program } = this.run;
    program.tensors.forEach((tensor, index) => {
      const target = this.run.tensor('weights', tensor.name);
      fillInitial(target, tensor, { spec: program.spec, seed, index });
    });
  }
}
