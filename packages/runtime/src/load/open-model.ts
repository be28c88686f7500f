/**
 * Opens a model by name, whatever its format, and checks it up front.
 *
 *     folder with config.json   Hugging Face (safetensors)
 *     folder with one .gguf or one set of them, or the (first) file itself
 *     synthetic:15m[:TYPE][:SEED]   random weights of a real shape, made on the fly
 *
 * Nothing but heads of files is read here; the weights stay where they are.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { tryStat, unreadable } from './files.ts';
import { firstOfSet } from './gguf-files.ts';
import { openGguf } from './gguf-model.ts';
import { INDEX_FILE, openHfFolder, SINGLE_FILE } from './hf-model.ts';
import type { Model } from './source.ts';
import { openSynthetic, SYNTHETIC_PREFIX } from './synthetic.ts';

/** Opens and checks a model. Throws: a WaferError for whatever is wrong with it. */
export async function openModel(name: string): Promise<Model> {
  if (name.startsWith(SYNTHETIC_PREFIX)) return openSynthetic(name);
  if (name === '' || name.includes('\0')) throw new WaferError('MODEL_NOT_FOUND', { path: name });
  const stats = tryStat(name);
  if (stats === undefined) throw new WaferError('MODEL_NOT_FOUND', { path: name });
  if (stats.isDirectory()) return openFolder(name);
  if (stats.size === 0 && stats.isFile()) throw unreadable(name, 'it is empty');
  if (/\.(safetensors|json)$/i.test(name)) throw unreadable(name, 'give the folder it lies in');
  return openGguf(name, name);
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
  if (gguf === undefined) throw new WaferError('MODEL_NOT_FOUND', { path: folder });
  const first = ggufs.length > 1 ? firstOfSet(ggufs) : gguf;
  if (first === undefined)
    throw unreadable(folder, `it holds ${ggufs.length} .gguf files; name one`);
  return openGguf(folder, join(folder, first));
}
