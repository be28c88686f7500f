/**
 * The same weights for everyone: models written once into a cache, as GGUF and as ONNX.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WEIGHT_TYPES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { makeFolder, writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';

/** A model's weights in one type, as a file that this project and others open. */
export interface ModelFile {
  /** Name and type, for tables. */
  label: string;
  type: WeightType;
  path: string;
  model: Model;
}

/** Whether all matrices of a model divide into the blocks of a type. */
export function canHold(model: Model, type: WeightType): boolean {
  const { blockColumns } = WEIGHT_TYPES[type];
  return Object.values(model.source.tensors).every(
    ({ rows, columns }) => rows === 1 || columns % blockColumns === 0,
  );
}

/** The type of a model's matrices: that of its embedding. */
export function typeOf(model: Model): WeightType {
  return model.source.tensors['embed']?.type ?? 'f32';
}

/**
 * A GGUF file with the weights in a type; the model's own file if it is one already.
 * Throws: OUTPUT_FAILED.
 */
export async function ggufFile(
  model: Model,
  type: WeightType,
  cacheFolder: string,
): Promise<ModelFile> {
  const label = `${shortName(model.name)} ${type}`;
  if (model.name.endsWith('.gguf') && typeOf(model) === type) {
    return { label, type, path: model.name, model };
  }
  const path = cachedPath(model, `${type}.gguf`, cacheFolder);
  // The writer leaves nothing under the name until it is complete.
  if (!existsSync(path)) writeModel({ model, format: 'gguf', path, type });
  return { label, type, path, model: await openModel(path) };
}

/** Where a file made from a model lies: named after the model and what its contents depend on. */
export function cachedPath(model: Model, ending: string, cacheFolder: string): string {
  const { name, spec, source } = model;
  const files = source.kind === 'files' ? source.paths.map(fileMark) : [source.seed];
  const key = createHash('sha256')
    .update(JSON.stringify([name, spec, files]))
    .digest('hex');
  const folder = join(cacheFolder, 'models');
  makeFolder(folder);
  return join(folder, `${shortName(name)}-${key.slice(0, 8)}-${ending}`);
}

/** The last part of a path, or a synthetic name without colons. */
export function shortName(name: string): string {
  const parts = name.split(/[\\/]/).filter((part) => part !== '');
  return (parts.at(-1) ?? name).replace(/\.gguf$/, '').replaceAll(':', '-');
}

function fileMark(path: string): [string, number, number] {
  const { size, mtimeMs } = statSync(path);
  return [path, size, mtimeMs];
}
