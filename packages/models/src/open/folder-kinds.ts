/**
 * Folders without weights that can be read: what lies there instead, and what to do.
 *
 * Source: the file names that transformers, peft, diffusers, MLX and Mistral write.
 */
import { join } from 'node:path';
import { parseJsonObject, WaferError } from '@wafer/core';
import { readText, unreadable } from '../source/files.ts';

const ADAPTER = 'adapter_config.json';
const PICKLED = /^(pytorch_model.*\.bin(\.index\.json)?|consolidated.*\.pth|.*\.(pth|ckpt|pt))$/;
const OTHER_TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^flax_model.*\.msgpack$/, 'weights for Flax'],
  [/^tf_model.*\.h5$/, 'weights for TensorFlow'],
  [/\.onnx$/, 'a graph for ONNX Runtime'],
  [/\.(tflite|litertlm|task)$/, 'a model for LiteRT'],
  [/^openvino_model/, 'a model for OpenVINO'],
];

/** Stops at a folder of another kind, by the names of its files; else returns. */
export function refuseOtherFolder(folder: string, entries: readonly string[]): void {
  const refuse = (what: string, hint: string): never => {
    throw new WaferError('MODEL_KIND', { path: folder, what, hint });
  };
  const hasWeights = entries.some((entry) => /^model.*\.safetensors/.test(entry));
  if (entries.includes(ADAPTER) && !hasWeights) {
    const base = baseModel(join(folder, ADAPTER));
    const of = base === undefined ? '' : ` of ${base}`;
    refuse(
      `is an adapter${of}, not a whole model`,
      'merge it into that model first (merge_and_unload of peft), and open what is saved then',
    );
  }
  if (hasWeights) return;
  if (entries.includes('model_index.json')) {
    refuse('is a pipeline of diffusers, which makes images', 'take a model for text generation');
  }
  if (
    entries.includes('params.json') &&
    entries.some((entry) => entry.startsWith('consolidated'))
  ) {
    refuse(
      "is in the layout of the model's authors (params.json, consolidated weights)",
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
