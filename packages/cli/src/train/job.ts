/**
 * Opens what `wafer train` works on: a model, its data, and where it goes on from.
 *
 * A checkpoint holds the job as it was asked, so that `--resume` needs nothing else; who computes
 * may be another number of tiles, stages and replicas.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WaferError } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import {
  defaultTargets,
  folderModel,
  hasChats,
  listCheckpoints,
  openCheckpoint,
  openData,
  removeCheckpoints,
  specOfShape,
  Trainer,
  withOtherEnd,
} from '@wafer/train';
import type { FoundCheckpoint, TrainJob } from '@wafer/train';
import type { Model } from '@wafer/models';
import { createTokenizer, withRoleTemplate } from '@wafer/text';
import { UsageError } from '../failures/failures.ts';
import { openNamedModel } from '../models/named-model.ts';
import { throwIfSignaled } from '../failures/signals.ts';
import {
  adaptersOfFlags,
  cutOfFlags,
  modelShapeOfFlags,
  settingsOfFlags,
  shapeOfFlags,
} from './flags.ts';
import type { TrainFlags } from './flags.ts';
import { checkNoShape, checkResumed } from './resume.ts';
import type { SavedJob } from './resume.ts';

/** An open run, and where its results go. */
export interface OpenTraining {
  trainer: Trainer;
  saved: SavedJob;
  out: string;
}

/** Opens a run from its beginning, or from the newest sound checkpoint. */
export async function openTraining(
  name: string | undefined,
  flags: TrainFlags,
  warn: (line: string) => void,
): Promise<OpenTraining> {
  if (flags.resume !== undefined) return resumeTraining(name, flags, warn);
  const { data, out } = flags;
  if (data === undefined || out === undefined) {
    const missing = [data ? [] : '--data FILE', out ? [] : '--out DIR'].flat().join(' and ');
    throw new UsageError(`give ${missing}, or --resume DIR`);
  }
  const path = resolve(out);
  const isTaken =
    existsSync(join(path, 'config.json')) || listCheckpoints(join(path, 'checkpoints')).length > 0;
  if (isTaken && flags.force !== true) throw new WaferError('OUTPUT_EXISTS', { path: out });
  const adapters = adaptersOfFlags(flags);
  const asked: Omit<SavedJob, 'adapters'> = {
    model: name ?? 'a new model',
    data: data.map((file) => resolve(file)),
    valid: flags.valid === undefined ? undefined : resolve(flags.valid),
    separator: flags.separator,
    settings: settingsOfFlags(flags),
  };
  if (name !== undefined) checkNoShape(flags);
  const model = name === undefined ? await newModel(flags) : await openNamedModel(name);
  const targets = adapters?.targets ?? defaultTargets(model.spec);
  const saved = { ...asked, adapters: adapters && { ...adapters, targets } };
  const open = jobOf(saved, { model, isNew: name === undefined }, flags);
  const base = join(path, 'base');
  const job = { ...open, model: await folderModel(open.model, base, throwIfSignaled) };
  const trainer = new Trainer(job);
  // The model is read by now, were it one of them; what is resumed must be of this run.
  if (flags.force === true) removeCheckpoints(join(path, 'checkpoints'));
  return { trainer, saved, out: path };
}

async function resumeTraining(
  name: string | undefined,
  flags: TrainFlags,
  warn: (line: string) => void,
): Promise<OpenTraining> {
  const out = resolve(flags.resume ?? '');
  const folder = join(out, 'checkpoints');
  let last = new WaferError('CHECKPOINT_INVALID', { path: folder, reason: 'none is there' });
  for (const path of listCheckpoints(folder)) {
    try {
      const found: FoundCheckpoint = await openCheckpoint(path);
      const earlier = found.state.job as SavedJob;
      checkResumed({ name, flags, out }, earlier, found.model.spec);
      const settings = withOtherEnd(earlier.settings, flags, found.state.step);
      const saved = { ...earlier, settings };
      const job = jobOf(saved, { model: found.model, isNew: false }, flags);
      return { trainer: new Trainer(job, found), saved, out };
    } catch (error) {
      if (!(error instanceof WaferError) || error.code !== 'CHECKPOINT_INVALID') throw error;
      warn(`${error.message}`);
      last = error;
    }
  }
  throw last;
}

function jobOf(
  saved: SavedJob,
  { model: given, isNew }: { model: Model; isNew: boolean },
  flags: TrainFlags,
): TrainJob {
  // What a model learns chats by is written beside its weights.
  const { settings, separator, adapters } = saved;
  const files = [...saved.data, ...(saved.valid === undefined ? [] : [saved.valid])];
  const arePreferences = settings.preference !== undefined;
  const model = hasChats(files, { arePreferences }) ? withRoleTemplate(given) : given;
  const pairs = settings.preference && { tokensMax: settings.context + 1 };
  const open = (paths: readonly string[]): TrainJob['data'] =>
    openData(paths, { model, separator, pairs });
  return {
    model,
    isNew,
    settings,
    adapters,
    shape: shapeOfFlags(flags, settings),
    cut: cutOfFlags(flags),
    rounding: detectRounding(),
    data: open(saved.data),
    valid: saved.valid === undefined ? undefined : open([saved.valid]),
  };
}

/** A model that does not exist yet, with the tokenizer of another if asked. */
async function newModel(flags: TrainFlags): Promise<Model> {
  const { tokenizer, special, vocab } = await tokenizerOfFlags(flags);
  return {
    name: 'new model',
    spec: specOfShape(modelShapeOfFlags(flags, vocab)),
    source: { kind: 'synthetic', seed: 0, tensors: {} },
    tokenizer,
    special,
  };
}

/** A tokenizer of a model, or of a folder that holds nothing else. */
async function tokenizerOfFlags(
  flags: TrainFlags,
): Promise<Pick<Model, 'tokenizer' | 'special'> & { vocab: number | undefined }> {
  const { tokenizer: name } = flags;
  if (name === undefined) {
    const special = { begin: undefined, addBegin: false, ends: [] };
    return { tokenizer: undefined, special, vocab: undefined };
  }
  if (existsSync(join(name, 'tokenizer.json')) && !existsSync(join(name, 'config.json'))) {
    const read = (file: string): unknown => JSON.parse(readFileSync(join(name, file), 'utf8'));
    const description = {
      tokenizerJson: read('tokenizer.json') as object,
      tokenizerConfig: read('tokenizer_config.json') as object,
    };
    const { begin, addBegin, ends, vocabCount } = createTokenizer(description, name);
    const special = { begin, addBegin, ends: [...ends] };
    return { tokenizer: description, special, vocab: vocabCount };
  }
  const { tokenizer, special, spec } = await openNamedModel(name);
  return { tokenizer, special, vocab: spec.vocabCount };
}
