/**
 * Checkpoints: all that a run needs to go on as if nothing had happened, or nothing at all.
 *
 *   checkpoints/step-00000100/   model.safetensors, config.json …   opens as a model
 *                                moments.bin                         first and second moments, f32
 *                                adapters.bin                        where only they are trained
 *                                references.f64                      of preferences: what the first
 *                                                                    weights said of each answer
 *                                train.json                          state, checksums, seal; last
 *
 * A checkpoint is written aside, each file is on the disk before the folder gets its name, and the
 * last K are kept. One that is torn or rotten is passed over for the one before, and goes with the
 * next that is written: a run at step s has no later ones, so what lies there is not of it. What an
 * ended process left half written is removed with the next, too.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert, isObject, reasonOf, systemCode, WaferError } from '@wafer/core';
import { makeFolder, openModel } from '@wafer/models';
import type { Model } from '@wafer/models';
import type { TrainRun } from '../engine/run.ts';
import type { HeldValues } from '../engine/values.ts';
import { checkSeal, sealed, STATE_FILE, sumsOfFiles } from './seal.ts';
import { bytesOf, readWeights, writeBytes, writeWeights } from '../model/weights.ts';

/** 1 had no seals; such checkpoints are gone on with. */
const FORMATS: readonly unknown[] = [1, 2];
const FORMAT = 2;
const FOLDER = /^step-\d{8}$/;
/** What a checkpoint is called until it is whole, and its weights before they have a format. */
const PARTIAL = /^\.step-\d{8}\.partial(\.weights)?$/;

/** What a checkpoint says beside weights and moments; `job` is the caller's, plain JSON. */
export interface CheckpointState {
  step: number;
  /** Updates made: steps less those skipped. */
  updates: number;
  job: unknown;
  /** Of preferences: a hash of the data; none in early checkpoints. */
  pairs?: string | undefined;
}

/** A checkpoint as it lies there, unread but for its state. */
export interface FoundCheckpoint {
  path: string;
  state: CheckpointState;
  model: Model;
}

/** Sealed with the small files, as what it is called is none of the files of values. */
const REFERENCES = 'references.f64';

interface Checksums {
  weights: string;
  moments: string;
}

/** What is written beside weights and moments, and how many checkpoints stay. */
export interface CheckpointUse {
  model: Model;
  state: CheckpointState;
  keep: number;
  references?: readonly (Float64Array | undefined)[];
}

/**
 * Writes a checkpoint and removes all after it, and all but the last `keep`. `check` is called
 * again and again, and what it throws stops the writing. Throws: OUTPUT_FAILED; then nothing of it
 * is left.
 */
export function writeCheckpoint(
  folder: string,
  values: HeldValues,
  use: CheckpointUse & { check?: () => void },
): string {
  const name = `step-${String(use.state.step).padStart(8, '0')}`;
  const path = join(folder, name);
  const partial = join(folder, `.${name}.partial`);
  makeFolder(folder);
  try {
    removePartial(folder);
    mkdirSync(partial);
    writeWeights(values, use.model, partial, use.check && { check: use.check });
    if (values.program.adapters.length > 0) {
      writeBytes(join(partial, 'adapters.bin'), adaptersOf(values).map(bytesOf));
    }
    use.check?.();
    writeBytes(join(partial, 'moments.bin'), [values.bytes('first'), values.bytes('second')]);
    const references = use.references?.filter((one) => one !== undefined) ?? [];
    if (references.length > 0) writeBytes(join(partial, REFERENCES), references.map(bytesOf));
    use.check?.();
    const files = sumsOfFiles(partial);
    const record = { format: FORMAT, ...use.state, ...checksums(values), files };
    writeBytes(join(partial, STATE_FILE), [Buffer.from(sealed(record))]);
    for (const file of readdirSync(partial)) sync(join(partial, file));
    sync(partial);
    rmSync(path, { recursive: true, force: true });
    renameSync(partial, path);
    sync(folder);
    removeOthers(folder, path, use.keep);
  } catch (error) {
    tryRemovePartial(folder);
    if (systemCode(error) === undefined) throw error;
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
  return path;
}

/** Removes all after a path, and all before it but so many that `keep` are left. */
function removeOthers(folder: string, path: string, keep: number): void {
  const all = listCheckpoints(folder);
  const at = all.indexOf(path);
  assert(at >= 0, 'what was written is there', { path });
  for (const other of [...all.slice(0, at), ...all.slice(at + keep)]) {
    rmSync(other, { recursive: true, force: true });
  }
}

/** Removes the checkpoints of a run that another begins in place of. Throws: OUTPUT_FAILED. */
export function removeCheckpoints(folder: string): void {
  for (const path of listCheckpoints(folder)) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
    }
  }
}

/** Removes what is half written, of this process or of one that was ended. */
function removePartial(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => PARTIAL.test(each))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** The same after a failure, which must not be hidden by another one. */
function tryRemovePartial(folder: string): void {
  try {
    removePartial(folder);
  } catch {
    // The next checkpoint tries again.
  }
}

/** The checkpoints of a folder by their names, the newest first. */
export function listCheckpoints(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const found = names.filter((name) => FOLDER.test(name)).toSorted();
  return found.toReversed().map((name) => join(folder, name));
}

/** Opens a checkpoint's state and model. Throws: CHECKPOINT_INVALID. */
export async function openCheckpoint(path: string): Promise<FoundCheckpoint> {
  try {
    const record: unknown = JSON.parse(readFileSync(join(path, STATE_FILE), 'utf8'));
    const isKnown = isObject(record) && FORMATS.includes(record['format']);
    if (!isKnown) throw new Error('unknown format');
    if (record['format'] === FORMAT || 'seal' in record) checkSeal(path, record);
    const { step, updates, job, pairs: hash } = record;
    if (!Number.isSafeInteger(step) || !Number.isSafeInteger(updates)) throw new Error('no step');
    const pairs = typeof hash === 'string' ? hash : undefined;
    const state = { step: step as number, updates: updates as number, job, pairs };
    return { path, state, model: await openModel(path) };
  } catch (error) {
    throw invalid(path, error);
  }
}

/** Reads weights and moments into a run, and compares checksums. Throws: CHECKPOINT_INVALID. */
export function readCheckpoint({ path, model }: FoundCheckpoint, run: TrainRun): void {
  try {
    readWeights(model, run);
    readAdapters(path, run);
    const moments = readFileSync(join(path, 'moments.bin'));
    const [first, second] = [run.bytes('first'), run.bytes('second')];
    if (moments.length !== first.length + second.length) throw new Error('moments are cut off');
    first.set(moments.subarray(0, first.length));
    second.set(moments.subarray(first.length));
    const record = JSON.parse(readFileSync(join(path, STATE_FILE), 'utf8')) as Checksums;
    const actual = checksums(run.values);
    if (record.weights !== actual.weights) throw new Error('weights have another checksum');
    if (record.moments !== actual.moments) throw new Error('moments have another checksum');
  } catch (error) {
    throw invalid(path, error);
  }
}

/**
 * What the first weights said of so many answers, one list after the other; undefined where a
 * checkpoint is from before they were asked. Throws: CHECKPOINT_INVALID; DATA_INVALID where the
 * data have become others.
 */
export function readReferences(
  { path, state }: FoundCheckpoint,
  counts: readonly number[],
): (Float64Array | undefined)[] {
  const file = join(path, REFERENCES);
  try {
    if (state.step === 0 && !existsSync(file)) return counts.map(() => undefined);
    const bytes = counts.length === 0 ? new Uint8Array(0) : readFileSync(file);
    const values = new Float64Array(Uint8Array.from(bytes).buffer);
    const wanted = counts.reduce((sum, count) => sum + count, 0);
    if (values.length !== wanted) {
      const reason = `it has ${values.length} references, the data ${wanted} answers`;
      throw new WaferError('DATA_INVALID', { path, line: 0, reason });
    }
    let at = 0;
    return counts.map((count) => values.slice(at, (at += count)));
  } catch (error) {
    if (error instanceof WaferError) throw error;
    throw invalid(path, error);
  }
}

/** SHA-256 of what a run holds. */
export function checksums(values: HeldValues): Checksums {
  const weights = createHash('sha256');
  for (const { name } of values.program.tensors) {
    weights.update(bytesOf(values.tensor('weights', name)));
  }
  const moments = createHash('sha256').update(values.bytes('first')).update(values.bytes('second'));
  return { weights: weights.digest('hex'), moments: moments.digest('hex') };
}

/** Weights of adapters, which are no part of the model that a checkpoint holds. */
function adaptersOf(values: HeldValues): Float32Array[] {
  const { adapters } = values.program;
  return adapters.flatMap(({ a, b }) => [a, b].map(({ name }) => values.tensor('weights', name)));
}

function readAdapters(path: string, run: TrainRun): void {
  const parts = adaptersOf(run.values).map(bytesOf);
  if (parts.length === 0) return;
  const bytes = readFileSync(join(path, 'adapters.bin'));
  const wanted = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes.length !== wanted) throw new Error('adapters are cut off');
  let at = 0;
  for (const part of parts) {
    part.set(bytes.subarray(at, at + part.length));
    at += part.length;
  }
}

/** What is written to a file, by whatever thread, is on the disk. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function invalid(path: string, error: unknown): WaferError {
  return new WaferError('CHECKPOINT_INVALID', { path, reason: reasonOf(error) });
}
