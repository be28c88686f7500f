/**
 * Opens a model by name, whatever its format, and checks it up front.
 *
 *     folder with config.json   Hugging Face (safetensors)
 *     folder with one .gguf or one set of them, or the (first) file itself
 *     synthetic:15m[:TYPE][:SEED]   random weights of a real shape, made on the fly
 *     stories                       the small trained model that comes with the packages
 *     ORG/NAME[@REVISION][/FILE]    a model that was pulled into the folder of models
 *     https://HUB/ORG/NAME…         the same, by the address of its page
 *
 * Nothing but heads of files is read here; the weights stay where they are.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { STORIES_NAME, storiesPath } from '@wafer/stories';
import { tryStat, unreadable } from '../source/files.ts';
import { firstOfSet } from '../gguf/gguf-files.ts';
import { openGguf } from './gguf-model.ts';
import { PULL_RECORD, readHubName } from './hub-name.ts';
import { refuseOtherFolder, refuseOtherName } from './folder-kinds.ts';
import { INDEX_FILE, openHfFolder, SINGLE_FILE } from './hf-model.ts';
import type { Model } from '../source/source.ts';
import { openSynthetic, SYNTHETIC_PREFIX } from '../synthetic/synthetic.ts';

/** Where a model is looked for. */
export interface OpenOptions {
  /** Where `ORG/NAME` is looked for if there is no such path. Default: nowhere. */
  modelsFolder?: string | undefined;
}

/** A model of a hub: two plain names, maybe a revision, maybe a file. */
const PULLED = /^[\w-][\w.-]*\/[\w-][\w.-]*(@[\w.-]+)?(\/[\w-][\w.-]*)*$/;

/** Opens and checks a model. Throws: a WaferError for whatever is wrong with it. */
export async function openModel(name: string, options: OpenOptions = {}): Promise<Model> {
  if (name.startsWith(SYNTHETIC_PREFIX)) return openSynthetic(name);
  if (name === '' || name.includes('\0')) throw new WaferError('MODEL_NOT_FOUND', { path: name });
  if (name === STORIES_NAME && tryStat(name) === undefined) return openGguf(name, storiesPath());
  const path =
    tryStat(name) === undefined ? pulledPath(nameOfAddress(name), options.modelsFolder) : name;
  const stats = tryStat(path);
  if (stats === undefined) throw new WaferError('MODEL_NOT_FOUND', { path });
  if (stats.isDirectory()) return openFolder(path);
  if (stats.size === 0 && stats.isFile()) throw unreadable(path, 'it is empty');
  refuseOtherName(path);
  return openGguf(path, path);
}

/** ORG/NAME[@REVISION][/FILE] of the address of a hub's page; any other name as it is. */
function nameOfAddress(name: string): string {
  const hub = /^https?:/i.test(name) ? readHubName(name) : undefined;
  if (hub === undefined) return name;
  const { model, revision, file } = hub;
  const named = revision === undefined ? model : `${model}@${revision}`;
  return file === undefined ? named : `${named}/${file}`;
}

/** Where a pulled model lies. Throws: MODEL_NOT_FOUND, MODEL_NOT_PULLED. */
function pulledPath(name: string, folder: string | undefined): string {
  if (!PULLED.test(name)) throw new WaferError('MODEL_NOT_FOUND', { path: name });
  const [organization = '', ...parts] = name.split('/');
  // A revision may have slashes, which its folder has not: what is behind it is a file.
  const revisionParts = name.includes('@') ? parts.length : 1;
  for (let count = revisionParts; folder !== undefined && count > 0; count--) {
    const place = join(folder, organization, parts.slice(0, count).join('--'));
    const path = join(place, ...parts.slice(count));
    const isPulled = tryStat(join(place, PULL_RECORD)) !== undefined;
    if (isPulled && tryStat(path) !== undefined) return path;
  }
  throw new WaferError('MODEL_NOT_PULLED', { path: name });
}

function openFolder(folder: string): Model {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
  const hasConfig = entries.includes('config.json');
  const hasSafetensors = entries.includes(SINGLE_FILE) || entries.includes(INDEX_FILE);
  const ggufs = entries.filter((entry) => entry.toLowerCase().endsWith('.gguf'));
  const [gguf] = ggufs;
  if (hasConfig && (hasSafetensors || gguf === undefined)) return openHfFolder(folder, folder);
  if (gguf === undefined) {
    refuseOtherFolder(folder, entries);
    throw new WaferError('MODEL_NOT_FOUND', { path: folder });
  }
  const first = ggufs.length > 1 ? firstOfSet(ggufs) : gguf;
  if (first === undefined)
    throw unreadable(folder, `it holds ${ggufs.length} .gguf files; name one`);
  return openGguf(folder, join(folder, first));
}
