/**
 * A training run from its first step to its last: rows, rates, steps, losses, checkpoints.
 *
 * Step s reads rows (s - 1) · R … s · R - 1 of the run; so steps done are the loader's position,
 * and with weights and moments all that a checkpoint holds. Bits depend on settings, data and
 * model alone.
 */
import { join } from 'node:path';
import { assert, WaferError } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import type { Model } from '@wafer/models';
import { PairRows } from './data/pair-rows.ts';
import { TrainRows } from './data/rows.ts';
import type { RowSource, TrainRow } from './data/rows.ts';
import { hashOf } from './data/token-source.ts';
import type { TokenSource } from './data/token-source.ts';
import type { TrainShape } from './engine/layout.ts';
import { TrainRun } from './engine/run.ts';
import type { CutOptions } from './engine/run.ts';
import { fillInitial } from './model/shape-spec.ts';
import {
  ADAPTER_PATH,
  checkAdapters,
  fillAdapters,
  mergedWeights,
  writeAdapters,
} from './model/adapters.ts';
import { readWeights, writeWeights } from './model/weights.ts';
import {
  checksums,
  readCheckpoint,
  readReferences,
  writeCheckpoint,
} from './checkpoint/checkpoint.ts';
import type { CheckpointUse, FoundCheckpoint } from './checkpoint/checkpoint.ts';
import { balanceLossOf } from './network/expert-ops.ts';
import { trainProgram } from './network/program.ts';
import type { AdapterSettings } from './network/adapter.ts';
import { Preferences } from './preferences.ts';
import type { PairFigures } from './preferences.ts';
import { learningRate } from './schedule.ts';
import { checkSettings, rowsOfStep } from './settings.ts';
import type { RowOrder, TrainSettings } from './settings.ts';

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
  /** What was added to it: means with their coefficients. */
  zLoss: number;
  balanceLoss: number;
  gradNorm: number;
  learningRate: number;
  isSkipped: boolean;
  /** Of preferences: what `loss` is the loss of. */
  pairs?: PairFigures | undefined;
}

/** Rows, and what weighs them where they are pairs. */
interface OpenRows {
  rows: RowSource;
  pairs: Preferences | undefined;
}

export class Trainer {
  readonly job: TrainJob;
  readonly run: TrainRun;
  readonly #data: OpenRows;
  readonly #valid: OpenRows | undefined;
  readonly #batch: TrainRow[];
  /** What the balance of experts counts. */
  readonly balanceLoss: number;
  #step = 0;
  #updates = 0;

  /** Lays out and fills a run. Throws: TRAIN_*, DATA_TOO_SHORT, TENSOR_*, CHECKPOINT_INVALID. */
  constructor(job: TrainJob, from?: FoundCheckpoint) {
    const settings = checkSettings(job.settings);
    this.job = job;
    this.#data = openRows(job.data, settings, settings);
    const { context, weights = 'f32' } = settings;
    const inOrder = { context, order: 'sequential', seed: 0 } as const;
    this.#valid = job.valid && openRows(job.valid, settings, inOrder);
    const { adapters, shape, cut, rounding } = job;
    const { spec } = job.model;
    const program = trainProgram(spec, adapters && checkAdapters(adapters, spec));
    this.balanceLoss = balanceLossOf(spec, settings);
    const count = rowsOfStep(settings);
    const use = { context, rowsOfStep: count, shape, cut, rounding, weights };
    this.run = new TrainRun(program, use);
    this.#batch = Array.from({ length: count }, () => this.#data.rows.create());
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

  /** Bytes of the run's memory, and of what the first weights said of each pair. */
  get memoryBytes(): number {
    const references = this.#weighed.reduce((sum, { rows }) => sum + 8 * rows.rowCount, 0);
    return this.run.layout.bytes.all + references;
  }

  /** Targets of a step, for rates; of preferences on average, without what fills their rows. */
  get tokensOfStep(): number {
    const { data, settings } = this.job;
    const { rows, pairs } = this.#data;
    const ofRow = pairs === undefined ? settings.context : data.count / rows.rowCount;
    return Math.round(this.#batch.length * ofRow);
  }

  /**
   * Before the first step of a run on preferences: what the weights say of each pair. `tell` is
   * told how many rows are done, and may stop it by throwing. `next` and `validate` do it, if
   * nobody has.
   */
  async prepare(
    tell: (rows: number, rowCount: number) => void | Promise<void> = () => undefined,
  ): Promise<void> {
    for (const { rows, pairs } of this.#weighed) {
      if (pairs.references !== undefined) continue;
      assert(this.#step === 0, 'references are those of the first weights', { step: this.#step });
      await pairs.measure(this.run, this.#batch, (done) => tell(done, rows.rowCount));
    }
  }

  /** Trains on the next rows. Throws: TILE_CRASHED, TOKEN_OUT_OF_RANGE. */
  async next(): Promise<TrainStep> {
    const { schedule, optimizer, steps, clip, zLoss = 0 } = this.job.settings;
    const { balanceLoss } = this;
    await this.prepare();
    const step = this.#step + 1;
    const first = this.#step * this.#batch.length;
    const dropout = { seed: this.job.settings.seed, step };
    const pairs = await this.#data.pairs?.weigh(this.run, this.#batch, { first, dropout });
    if (pairs === undefined) this.#read(this.#data.rows, first);
    const lr = learningRate(schedule, step, steps);
    const update = this.#updates + 1;
    const { zSquares, balance, ...found } = await this.run.step(this.#batch, {
      optimizer,
      lr,
      clip,
      update,
      zLoss,
      balanceLoss,
      dropout,
    });
    this.#step = step;
    if (!found.isSkipped) this.#updates = update;
    const added = { zLoss: zLoss * zSquares, balanceLoss: balanceLoss * balance };
    const weighed = pairs && { loss: pairs.loss, pairs };
    return { step, ...found, ...added, ...weighed, learningRate: lr };
  }

  /** What the validation data give, of preferences; undefined of others. */
  async validatePairs(rowsMax: number = Infinity): Promise<PairFigures | undefined> {
    await this.prepare();
    return this.#valid?.pairs?.validate(this.run, this.#batch, rowsMax);
  }

  /** Mean loss over the first rows of the validation data, at most `rowsMax`, whole steps. */
  async validate(rowsMax: number = Infinity): Promise<number | undefined> {
    if (this.#valid === undefined) return undefined;
    const { rows, pairs } = this.#valid;
    if (pairs !== undefined) return (await this.validatePairs(rowsMax))?.loss;
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
    writeWeights(this.run.values, model, folder, { valuesOf: mergedWeights(this.run) });
    if (adapters === undefined) return;
    writeAdapters(this.run, join(folder, ADAPTER_PATH), { model, settings: adapters });
  }

  /**
   * Writes a checkpoint with what the caller needs to open the job again. What `check` throws
   * meanwhile stops it, and nothing of it is left. Throws: OUTPUT_FAILED.
   */
  checkpoint(folder: string, job: unknown, keep: number, check?: () => void): string {
    const use = { ...this.checkpointUse(job, keep), ...(check && { check }) };
    return writeCheckpoint(folder, this.run.values, use);
  }

  /** What a checkpoint of this step holds beside weights and moments, for whoever writes it. */
  checkpointUse(job: unknown, keep: number): CheckpointUse {
    const state = { step: this.#step, updates: this.#updates, job, pairs: pairHash(this.job) };
    const references = this.#weighed.map(({ pairs }) => pairs.references);
    return { model: this.job.model, state, keep, references };
  }

  /** SHA-256 of weights and moments. */
  hashes(): ReturnType<typeof checksums> {
    return checksums(this.run.values);
  }

  async close(): Promise<void> {
    await this.run.close();
    this.job.data.close();
    this.job.valid?.close();
  }

  /** Of preferences: both data. */
  get #weighed(): { rows: RowSource; pairs: Preferences }[] {
    return [this.#data, this.#valid].flatMap((open) =>
      open?.pairs === undefined ? [] : [{ ...open, pairs: open.pairs }],
    );
  }

  #read(rows: RowSource, first: number): void {
    this.#batch.forEach((row, index) => rows.read(first + index, row));
  }

  /** Fills the run: from a checkpoint, from the model's files, or from the seed. */
  #begin(from: FoundCheckpoint | undefined): void {
    const { model, isNew, settings } = this.job;
    if (from !== undefined) {
      const { pairs } = from.state;
      if (pairs !== undefined && pairs !== pairHash(this.job)) throw otherPairs(from.path);
      readCheckpoint(from, this.run);
      const counts = this.#weighed.map(({ rows }) => rows.rowCount);
      const references = readReferences(from, counts);
      this.#weighed.forEach(({ pairs }, index) => (pairs.references = references[index]));
      this.#step = from.state.step;
      this.#updates = from.state.updates;
      return;
    }
    if (isNew) fillNew(this.run, settings.seed);
    else readWeights(model, this.run);
    fillAdapters(this.run, settings.seed);
  }
}

/** First weights from the seed. */
function fillNew(run: TrainRun, seed: number): void {
  const { program } = run;
  program.tensors.forEach((tensor, index) => {
    const target = run.tensor('weights', tensor.name);
    fillInitial(target, tensor, { spec: program.spec, seed, index });
  });
}

/** Of preferences: a hash of what references are of, both data. */
function pairHash({ settings, data, valid }: TrainJob): string | undefined {
  return settings.preference && hashOf(valid === undefined ? [data] : [data, valid]);
}

function otherPairs(path: string): WaferError {
  const reason = 'the run began with other preferences than those of the data; train anew';
  return new WaferError('DATA_INVALID', { path, line: 0, reason });
}

function openRows(
  source: TokenSource,
  { preference }: TrainSettings,
  use: { context: number; order: RowOrder; seed: number },
): OpenRows {
  if (preference === undefined) return { rows: new TrainRows(source, use), pairs: undefined };
  const rows = new PairRows(source, use);
  return { rows, pairs: new Preferences(rows, preference) };
}
