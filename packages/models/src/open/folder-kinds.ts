/**
 * Folders without weights that can be read, and files that are no model: what lies there instead,
 * and what to do.
 *
 * Source: the file names that transformers, peft, diffusers, MLX and Mistral write.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseJsonObject, WaferError } from '@wafer/core';
import { readText, unreadable } from '../source/files.ts';

/** What says that a folder is PEFT's. */
export const ADAPTER_CONFIG = 'adapter_config.json';
/** Whole weights, in one file or several. */
const WHOLE_WEIGHTS = /^model.*\.safetensors/;
const PICKLED = /^(pytorch_model.*\.bin(\.index\.json)?|consolidated.*\.pth|.*\.(pth|ckpt|pt))$/;
const OTHER_TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^flax_model.*\.msgpack$/, 'weights for Flax'],
  [/^tf_model.*\.h5$/, 'weights for TensorFlow'],
  [/\.onnx$/, 'a graph for ONNX Runtime'],
  [/\.(tflite|litertlm|task)$/, 'a model for LiteRT'],
  [/^openvino_model/, 'a model for OpenVINO'],
];

/** Ends of names that downloads have until they are done. */
const UNFINISHED = /\.(part|partial|incomplete|crdownload|download|aria2|tmp)$/i;
const TOKENIZER = /^(tokenizer\.(json|model)|vocab\.(json|txt)|.*\.spm)$/;

/** Of a folder without a model, so many entries are looked into. */
const ENTRIES_MAX = 64;

/** Stops at a file that is no model by its name; else returns. Throws: MODEL_KIND. */
export function refuseOtherName(path: string): void {
  const refuse = (what: string, hint: string): never => {
    throw new WaferError('MODEL_KIND', { path, what, hint });
  };
  const name = basename(path);
  if (UNFINISHED.test(name)) refuse('is a download that is not finished', 'download it again');
  if (TOKENIZER.test(name)) {
    refuse('is a tokenizer without weights', 'give the folder of a model, with its weights');
  }
  if (/\.(safetensors|json)$/i.test(name)) {
    refuse('is one file of a model', 'give the folder it lies in');
  }
  for (const [pattern, what] of OTHER_TOOLS) {
    if (pattern.test(name)) refuse(`holds ${what}`, 'take .safetensors or .gguf of this model');
  }
}

/** Stops at a folder of another kind, by the names of its files; else returns. */
export function refuseOtherFolder(folder: string, entries: readonly string[]): void {
  const refuse = (what: string, hint: string): never => {
    throw new WaferError('MODEL_KIND', { path: folder, what, hint });
  };
  const hasWeights = entries.some((entry) => WHOLE_WEIGHTS.test(entry));
  if (entries.includes(ADAPTER_CONFIG)) {
    const base = baseModel(join(folder, ADAPTER_CONFIG));
    const of = base === undefined ? '' : ` of ${base}`;
    if (!hasWeights && looseShards(entries).length === 0) {
      refuse(
        `is an adapter${of}, not a whole model`,
        'open its model with it: wafer run BASE --adapter FOLDER',
      );
    }
    // transformers would load the adapter's base from elsewhere, and not these weights.
    refuse(
      `holds whole weights and an adapter${of}; either may be meant`,
      'move the files adapter_* to a folder of their own, for --adapter FOLDER, or remove them',
    );
  }
  if (hasWeights) return;
  if (entries.includes('model_index.json')) {
    refuse('is a pipeline of diffusers, which makes images', 'take a model for text generation');
  }
  const parts = entries.filter((entry) => entry.startsWith('consolidated'));
  const isNative = parts.some((entry) => entry.endsWith('.safetensors'));
  const isSoleWeight = isNative && looseShards(entries).length === 0;
  if ((entries.includes('params.json') && parts.length > 0) || isSoleWeight) {
    refuse(
      "is in the layout of the model's authors (consolidated weights)",
      'take the files for transformers, with config.json and model.safetensors',
    );
  }
  const pickled = entries.find((entry) => PICKLED.test(entry));
  if (pickled !== undefined) {
    refuse(
      `holds pickled PyTorch weights (${pickled}), which could run code when they are read`,
      'take a revision with .safetensors, or save it again with safe_serialization in transformers',
    );
  }
  for (const [pattern, what] of OTHER_TOOLS) {
    const file = entries.find((entry) => pattern.test(entry));
    if (file !== undefined) refuse(`holds ${what} (${file})`, 'take a revision with .safetensors');
  }
  const unfinished = entries.find((entry) => UNFINISHED.test(entry));
  if (unfinished !== undefined) {
    refuse(`holds a download that is not finished (${unfinished})`, 'download it again');
  }
  if (entries.includes('config.json')) return;
  if (entries.some((entry) => TOKENIZER.test(entry))) {
    refuse(
      'holds a tokenizer without weights',
      'download the other files of the model, too; wafer tokenize takes it as it is',
    );
  }
  const inside = modelsInside(folder, entries);
  if (inside.length === 0) return;
  const shown = inside.slice(0, 3).join(', ') + (inside.length > 3 ? ', …' : '');
  refuse(`holds no model itself, but folders that do (${shown})`, 'give one of those');
}

/** Folders below, or below the `snapshots` of a hub's cache, with a config or a GGUF file. */
function modelsInside(folder: string, entries: readonly string[]): string[] {
  const listed = (name: string): string[] => {
    try {
      return readdirSync(join(folder, name)).map((entry) => join(name, entry));
    } catch {
      return []; // a file, or nothing that may be read
    }
  };
  const places = entries.includes('snapshots') ? listed('snapshots') : entries;
  return places
    .slice(0, ENTRIES_MAX)
    .filter((place) =>
      listed(place).some((entry) => /(^|[\\/])config\.json$|\.gguf$/i.test(entry)),
    );
}

/** Safetensors that no index names, as one or several whole shards. */
export function looseShards(entries: readonly string[]): string[] {
  return entries
    .filter((entry) => /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/.test(entry))
    .filter((entry) => !/^(adapter|consolidated|optimizer|training)/.test(entry))
    .toSorted();
}

/** The error of a folder with a config and no weights at all. */
export function withoutWeights(folder: string): WaferError {
  return unreadable(folder, 'it has no .safetensors file; its weights were not downloaded');
}

function baseModel(path: string): string | undefined {
  try {
    const config = parseJsonObject(readText(path), (reason) => unreadable(path, reason));
    const base = config['base_model_name_or_path'];
    return typeof base === 'string' ? base.slice(0, 80) : undefined;
  } catch {
    return undefined; // what it is shows without it
  }
}
