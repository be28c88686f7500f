/**
 * A fine-tuning run from its order to its model, in whatever process: checked, trained, written.
 *
 *     base.json      which model that is
 *     base/          the model that is trained, as f32, so that nothing depends on its files
 *     checkpoints/   where a run goes on from, to the same bits
 *     models/step-N  the model at the end of each epoch; the last few are kept
 *     model/         the result
 *
 * It may be killed anywhere and begun anew: what it tells again is what it told before.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isObject, WaferError } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { makeFolder, openModel, writeModel } from '@wafer/models';
import type { Model } from '@wafer/models';
import { withRoleTemplate } from '@wafer/text';
import { listCheckpoints, openCheckpoint } from '../checkpoint/checkpoint.ts';
import { defaultTargets } from '../model/adapters.ts';
import { Trainer } from '../trainer.ts';
import type { TrainJob, TrainStep } from '../trainer.ts';
import { noteBase } from './base-digest.ts';
import { checkTexts, tokensOfFile } from './files.ts';
import type { FileFaults, FineTuneTexts } from './files.ts';
import { RESULT_PATH, stepModelPath } from './order.ts';
import type { FineTuneEvent, FineTuneOrder, FineTunePlan, ModelPoint } from './order.ts';
import { epochEndingAt, isShown, planFineTune } from './plan.ts';
import { FineTuneSaves } from './saves.ts';

/** Who is told, and who may end the run before its time. */
export interface FineTuneHooks {
  tell: (event: FineTuneEvent) => void;
  isStopping: () => boolean;
}

/** Models of epochs that are kept. */
const MODELS_KEPT = 3;

/** Runs an order. Throws: TRAIN_*, MODEL_*, TOKENIZER_MISSING, OUTPUT_FAILED, TILE_CRASHED. */
export async function runFineTune(
  order: FineTuneOrder,
  texts: FineTuneTexts,
  hooks: FineTuneHooks,
): Promise<void> {
  const opened = await openJob(order, texts);
  if ('faults' in opened) return hooks.tell({ kind: 'faults', ...opened });
  const { job, plan } = opened;
  const { trainer, point } = await openRun(order, job);
  const saves = new FineTuneSaves(trainer, order);
  try {
    if (!(await prepare(trainer, hooks))) {
      return hooks.tell({ kind: 'stopped', step: trainer.step });
    }
    hooks.tell({ kind: 'ready', plan, step: trainer.step });
    await train({ trainer, order, plan, hooks, point, saves });
  } finally {
    await saves.close();
    await trainer.close();
  }
}

async function openJob(
  order: FineTuneOrder,
  texts: FineTuneTexts,
): Promise<{ job: TrainJob; plan: FineTunePlan } | FileFaults> {
  const arePreferences = order.preference !== undefined;
  const checked = checkTexts(texts, { arePreferences });
  if ('faults' in checked) return checked;
  const base = await openBase(order);
  const { training_file: training, validation_file: validation } = texts;
  const model = checked.hasChats ? withRoleTemplate(base) : base;
  const read = { model, arePreferences };
  const data = tokensOfFile('training_file', training, read);
  if ('faults' in data) return data;
  const valid =
    validation === undefined ? undefined : tokensOfFile('validation_file', validation, read);
  if (valid !== undefined && 'faults' in valid) return valid;
  const use = { spec: model.spec, data, valid, examples: checked.examples };
  const { settings, plan } = planFineTune(order, use);
  const { loraRank: rank, threads } = order;
  const targets = defaultTargets(model.spec);
  const replicas = Math.min(threads, settings.batch);
  const job: TrainJob = {
    ...{ model, isNew: false, settings, data, valid, rounding: detectRounding() },
    shape: { replicas, stages: 1, tiles: 1, recompute: false },
    adapters: rank === undefined ? undefined : { rank, alpha: 2 * rank, targets },
  };
  return { job, plan };
}

/** The model as a folder of f32: a GGUF file's rows lie otherwise than those of checkpoints. */
async function openBase({ model, modelsFolder, folder }: FineTuneOrder): Promise<Model> {
  const path = join(folder, 'base');
  if (!existsSync(path)) {
    const opened = await openModel(model, { modelsFolder });
    makeFolder(folder, 0o700);
    noteBase(folder, opened);
    writeWhole(path, (partial) =>
      writeModel({ model: opened, format: 'safetensors', path: partial, type: 'f32' }),
    );
  }
  return openModel(path);
}

/** The run from its newest sound checkpoint on, or from its base. */
async function openRun(
  order: FineTuneOrder,
  job: TrainJob,
): Promise<{ trainer: Trainer; point: ModelPoint | undefined }> {
  for (const path of listCheckpoints(join(order.folder, 'checkpoints'))) {
    try {
      const found = await openCheckpoint(path);
      const trainer = new Trainer({ ...job, model: found.model }, found);
      const { step, job: noted } = found.state;
      const { trainLoss, validLoss } = (isObject(noted) ? noted : {}) as Partial<ModelPoint>;
      return { trainer, point: { step, trainLoss: trainLoss ?? Number.NaN, validLoss } };
    } catch (error) {
      if (!(error instanceof WaferError) || error.code !== 'CHECKPOINT_INVALID') throw error;
    }
  }
  return { trainer: new Trainer(job), point: undefined };
}

/** What preferences need before their first step; false if it was stopped. */
async function prepare(trainer: Trainer, { isStopping }: FineTuneHooks): Promise<boolean> {
  const stop = new Error('stopped');
  try {
    await trainer.prepare(async () => {
      // Commands come between steps.
      await turn();
      if (isStopping()) throw stop;
    });
    return true;
  } catch (error) {
    if (error !== stop) throw error;
    return false;
  }
}

interface Run {
  trainer: Trainer;
  order: FineTuneOrder;
  plan: FineTunePlan;
  hooks: FineTuneHooks;
  saves: FineTuneSaves;
  /** Of the step that the run stands at. */
  point: ModelPoint | undefined;
}

async function train(run: Run): Promise<void> {
  const { trainer, plan, hooks, saves } = run;
  // A process before may have been killed between its checkpoint and what it had to tell.
  let { point } = run;
  if (point !== undefined) tellModel(run, point);
  while (!trainer.isDone) {
    const step = await trainer.next();
    point = pointOf(step);
    if (isShown(step.step, plan)) tellStep(run, step);
    const epoch = epochEndingAt(step.step, plan);
    if (epoch !== undefined) point = { ...point, validLoss: await trainer.validate() };
    const isStopping = hooks.isStopping();
    if (epoch !== undefined || isStopping) await saves.now(point);
    else await saves.beginIfDue(point);
    if (epoch !== undefined) tellModel(run, point);
    if (isStopping && !trainer.isDone) return hooks.tell({ kind: 'stopped', step: step.step });
    // Commands come between steps.
    await turn();
  }
  if (point === undefined) throw new WaferError('DATA_TOO_SHORT', { tokens: 0, needed: 1 });
  writeResult(run);
  hooks.tell({ kind: 'done', ...point });
}

function pointOf({ step, loss }: TrainStep): ModelPoint {
  return { step, trainLoss: loss, validLoss: undefined };
}

function tellStep({ hooks }: Run, told: TrainStep): void {
  const { step, loss, learningRate, gradNorm, pairs } = told;
  hooks.tell({ kind: 'step', step, loss, learningRate, gradNorm, pairs });
}

/** Writes the model at the end of an epoch, unless it is there, and tells of it. */
function tellModel({ trainer, order, plan, hooks }: Run, point: ModelPoint): void {
  const epoch = epochEndingAt(point.step, plan);
  if (epoch === undefined) return;
  const path = join(order.folder, stepModelPath(point.step));
  if (!existsSync(path)) writeWhole(path, (partial) => trainer.writeModel(partial));
  hooks.tell({ kind: 'checkpoint', epoch, ...point });
  const models = dirname(path);
  const steps = readdirSync(models)
    .map((name) => Number(/^step-(\d+)$/.exec(name)?.[1]))
    .filter((step) => Number.isSafeInteger(step))
    .toSorted((a, b) => b - a);
  for (const step of steps.slice(MODELS_KEPT)) {
    rmSync(join(order.folder, stepModelPath(step)), { recursive: true, force: true });
  }
}

function writeResult({ trainer, order }: Run): void {
  const path = join(order.folder, RESULT_PATH);
  if (!existsSync(path)) writeWhole(path, (partial) => trainer.writeModel(partial));
}

/** Writes a folder aside and gives it its name when it is whole. */
function writeWhole(path: string, write: (partial: string) => unknown): void {
  const partial = `${path}.partial`;
  makeFolder(dirname(path), 0o700);
  rmSync(partial, { recursive: true, force: true });
  write(partial);
  renameSync(partial, path);
}
