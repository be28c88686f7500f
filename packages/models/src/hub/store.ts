/**
 * The models that were pulled: what lies in the folder of models, as `pullModel` noted it.
 *
 *     FOLDER/ORG/NAME[@REVISION]/wafer-pull.json
 */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseJsonObject, WaferError, reasonOf } from '@wafer/core';
import { PULL_RECORD } from '../open/hub-name.ts';
import { readText, tryStat } from '../source/files.ts';
import type { HubName } from '../open/hub-name.ts';
import { folderOf } from './model-name.ts';

/** A pulled model as its record and its files say. */
export interface StoredModel {
  /** What opens it: ORG/NAME[@REVISION]. */
  name: string;
  folder: string;
  commit: string;
  endpoint: string;
  bytes: number;
  files: readonly { path: string; bytes: number }[];
  /** When the pull ended. */
  pulledMs: number;
}

/** All pulled models in a folder, by name; folders that a pull has not finished are left out. */
export function listStored(modelsFolder: string): StoredModel[] {
  return foldersIn(modelsFolder)
    .flatMap((organization) =>
      foldersIn(join(modelsFolder, organization)).map((name) => join(organization, name)),
    )
    .flatMap((place) => tryRead(join(modelsFolder, place)) ?? [])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** One pulled model. Throws: MODEL_NOT_PULLED. */
export function storedModel(modelsFolder: string, name: HubName): StoredModel {
  const stored = tryRead(join(modelsFolder, folderOf(name)));
  if (stored === undefined) throw notPulled(name);
  return stored;
}

/** Removes a pulled model with its folder. Throws: MODEL_NOT_PULLED, OUTPUT_FAILED. */
export function removeStored(modelsFolder: string, name: HubName): StoredModel {
  const stored = storedModel(modelsFolder, name);
  try {
    // The record first: what is half removed is no model.
    rmSync(join(stored.folder, PULL_RECORD));
    rmSync(stored.folder, { recursive: true });
  } catch (error) {
    const reason = reasonOf(error);
    throw new WaferError('OUTPUT_FAILED', { path: stored.folder, reason }, { cause: error });
  }
  try {
    rmdirSync(join(stored.folder, '..'));
  } catch {
    // Other models of the same organization are there.
  }
  return stored;
}

function tryRead(folder: string): StoredModel | undefined {
  const path = join(folder, PULL_RECORD);
  const stats = tryStat(path);
  if (stats === undefined) return undefined;
  try {
    const fail = (reason: string): WaferError =>
      new WaferError('MODEL_UNREADABLE', { path, reason });
    const record = parseJsonObject(readText(path), fail);
    const { model, revision } = record;
    if (typeof model !== 'string') return undefined;
    const list: unknown[] = Array.isArray(record['files']) ? record['files'] : [];
    const files = list.flatMap((file) => {
      const name = isObject(file) ? file['path'] : undefined;
      if (typeof name !== 'string') return [];
      return { path: name, bytes: tryStat(join(folder, name))?.size ?? 0 };
    });
    return {
      name: typeof revision === 'string' ? `${model}@${revision}` : model,
      folder,
      commit: String(record['commit'] ?? ''),
      endpoint: String(record['endpoint'] ?? ''),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      files,
      pulledMs: stats.mtimeMs,
    };
  } catch {
    return undefined; // no record that a pull wrote
  }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function notPulled({ model, revision }: HubName): WaferError {
  const path = revision === undefined ? model : `${model}@${revision}`;
  return new WaferError('MODEL_NOT_PULLED', { path });
}
