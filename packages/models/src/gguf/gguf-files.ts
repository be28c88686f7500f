/**
 * A GGUF model's files: one, or a set that a model was split into.
 *
 *     model-00001-of-00003.gguf   all metadata, and the first tensors
 *     model-00002-of-00003.gguf   further tensors, and its number in `split.no`
 *
 * Source: llama.cpp, tools/gguf-split and its naming of files.
 */
import { basename, dirname, join } from 'node:path';
import { brief, WaferError } from '@wafer/core';
import { tryStat, unreadable, withFile, type OpenFile } from '../source/files.ts';
import { GGUF_TENSOR_TYPES } from './gguf-types.ts';
import type { GgufTensor } from './gguf-tensors.ts';
import { GgufHead } from './gguf.ts';
import type { StoredTensor } from '../source/source.ts';

const SPLIT_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** Sets of more files are refused. */
const FILES_MAX = 1024;

/** Tensors of all files of a model. */
export interface GgufTensors {
  paths: string[];
  names(): Iterable<string>;
  has(name: string): boolean;
  find(name: string): StoredTensor | undefined;
}

/** Lists tensors of a model whose first file is open. Throws: GGUF_INVALID, MODEL_UNREADABLE. */
export function listTensors(path: string, head: GgufHead): GgufTensors {
  const count = splitCount(path, head);
  const paths = count > 1 ? splitPaths(path, count) : [path];
  const heads = paths.map((file, index) => (index === 0 ? head : openPart(file, index, count)));
  const places = new Map<string, { tensor: GgufTensor; fileIndex: number }>();
  heads.forEach((part, fileIndex) => {
    for (const [name, tensor] of part.tensors) {
      if (places.has(name))
        throw invalid(paths[fileIndex] ?? path, `tensor ${name} is there twice`);
      places.set(name, { tensor, fileIndex });
    }
  });
  return {
    paths,
    names: () => places.keys(),
    has: (name) => places.has(name),
    find: (name) => {
      const place = places.get(name);
      return place && storedTensor(place.tensor, place.fileIndex);
    },
  };
}

/**
 * Stops at a tensor that nothing asked for: what it is for would be left out. Layers beyond the
 * last one, which predict further tokens, are passed over. Throws: GGUF_INVALID.
 */
export function checkAllUsed(
  path: string,
  tensors: GgufTensors,
  used: ReadonlySet<string>,
  layerCount: number,
): void {
  for (const name of tensors.names()) {
    const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0);
    if (used.has(name) || layer >= layerCount) continue;
    throw invalid(path, `its architecture has no tensor ${brief(name)}`);
  }
}

/** The first file of a set, where all of a folder's files are of one. */
export function firstOfSet(names: readonly string[]): string | undefined {
  const [first] = names.toSorted();
  const start = first === undefined ? undefined : SPLIT_NAME.exec(first);
  if (start?.[2] !== '00001' || names.length !== Number(start[3])) return undefined;
  return names.every((name) => SPLIT_NAME.exec(name)?.[1] === start[1]) ? first : undefined;
}

function splitCount(path: string, head: GgufHead): number {
  const count = head.metadata.get('split.count') ?? 1;
  const part = head.metadata.get('split.no') ?? 0;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > FILES_MAX) {
    throw invalid(path, `split.count is no number of files up to ${FILES_MAX}`);
  }
  if (count > 1 && part !== 0) throw invalid(path, 'it is a later part; name the first file');
  return count;
}

/** Paths of the files that `path`, with or without its ending, is split into. */
export function setPaths(path: string, count: number): string[] {
  const total = String(count).padStart(5, '0');
  const stem = path.replace(/\.gguf$/i, '');
  return Array.from({ length: count }, (_, index) => {
    const part = String(index + 1).padStart(5, '0');
    return `${stem}-${part}-of-${total}.gguf`;
  });
}

function splitPaths(path: string, count: number): string[] {
  const stem = SPLIT_NAME.exec(basename(path))?.[1];
  const paths = stem === undefined ? [] : setPaths(join(dirname(path), stem), count);
  const [first = '…-00001-of-…'] = paths;
  if (basename(first) === basename(path)) return [path, ...paths.slice(1)];
  throw invalid(path, `it is one of ${count} files and not called ${basename(first)}`);
}

function openPart(path: string, index: number, count: number): GgufHead {
  if (tryStat(path) === undefined) throw unreadable(path, `it is part ${index + 1} of ${count}`);
  return withFile(path, (file: OpenFile) => {
    const head = new GgufHead(file);
    const number = head.metadata.get('split.no');
    const total = head.metadata.get('split.count');
    if (number !== index || total !== count) {
      const what = `${String(number)} of ${String(total)}`;
      throw invalid(path, `it says it is part ${what}, not ${index} of ${count}`);
    }
    return head;
  });
}

function storedTensor(tensor: GgufTensor, fileIndex: number): StoredTensor {
  const type = GGUF_TENSOR_TYPES.get(tensor.typeNumber);
  return {
    shape: trimOnes(tensor.dimensions).toReversed(),
    typeName: type?.name ?? `${tensor.typeNumber} (unknown to ggml)`,
    type: type?.weightType,
    fileIndex,
    offset: tensor.offset,
  };
}

/** Outer dimensions of 1 say nothing: [64, 1, 1] is a vector, [64, 2, 1] a matrix. */
function trimOnes(dimensions: readonly number[]): readonly number[] {
  const last = dimensions.findLastIndex((dimension) => dimension !== 1);
  return dimensions.slice(0, Math.max(1, last + 1));
}

function invalid(path: string, reason: string): WaferError {
  return new WaferError('GGUF_INVALID', { path, reason });
}
