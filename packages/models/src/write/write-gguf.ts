/**
 * Writes a GGUF file (version 3) that llama.cpp reads, or a set of them.
 *
 * Llama 3 frequency scaling becomes the tensor of divisors, `rope_freqs.weight`; everything else
 * of the spec has a key.
 *
 * Source: ggml, docs/gguf.md; llama.cpp's hyperparameter keys and converters.
 */
import { storedRowBytes, type WeightType } from '@wafer/core';
import { readGguf } from '../families/families.ts';
import type { GgufFamily } from '../families/family.ts';
import { frequencyFactors } from '../families/gguf-rope.ts';
import { differenceOf } from '../families/same-network.ts';
import { samplingKeys } from '../open/suggested-sampling.ts';
import { Fields } from '../source/fields.ts';
import { cutTensors, type FileOutput } from './file-layout.ts';
import { ggufHead, type GgufPair } from '../gguf/gguf-bytes.ts';
import { setPaths } from '../gguf/gguf-files.ts';
import { GGUF_ALIGNMENT, ggmlFileType, ggmlNumber } from '../gguf/gguf-types.ts';
import { checkFree, outputFailed, writeFile } from './output-file.ts';
import type { Model } from '../source/source.ts';
import { ggufTokenizer } from './write-gguf-tokenizer.ts';

/** `general.quantization_version` of today's block types. */
const QUANTIZATION_VERSION = 2;

interface Output {
  model: Model;
  family: GgufFamily;
  path: string;
  tensors: readonly FileOutput[];
  shardCount: number;
  /** Writes over files that are there. */
  isForced: boolean;
}

/**
 * Writes the file, or a set of them; returns the first one's path. Throws: OUTPUT_FAILED,
 * OUTPUT_EXISTS before anything is written.
 */
export function writeGguf(output: Output): string {
  const { model, family, path, shardCount, isForced } = output;
  const blobs = [...output.tensors];
  const factors = frequencyFactors(model.spec.rope);
  if (factors !== undefined) blobs.push(factorBlob(factors));
  const matrixType = blobs.find(({ shape }) => shape.length > 1)?.type ?? 'f32';
  const pairs = [
    ...generalPairs(model, family.architecture, matrixType),
    ...family.write(model.spec),
    ...ggufTokenizer(model, path),
  ];
  checkPairs(output, pairs);
  const parts = cutTensors(blobs, shardCount);
  const paths = parts.length === 1 ? [path] : setPaths(path, parts.length);
  if (!isForced) paths.forEach(checkFree);
  if (parts.length === 1) {
    writePart(path, pairs, blobs);
    return path;
  }
  // The first one last, so that a set with a beginning is complete.
  for (let index = parts.length - 1; index >= 0; index--) {
    const split = splitPairs(index, parts.length, blobs.length);
    const own = index === 0 ? [...pairs, ...split] : split;
    writePart(paths[index] ?? path, own, parts[index] ?? []);
  }
  return paths[0] ?? path;
}

/** Writes one file: its metadata, then its tensors. Throws: OUTPUT_FAILED. */
export function writePart(
  path: string,
  pairs: readonly GgufPair[],
  blobs: readonly FileOutput[],
): void {
  let offset = 0;
  const entries = blobs.map(({ name, type, shape, bytes }) => {
    const dimensions = shape.toReversed();
    const entry = { name, dimensions, typeNumber: ggmlNumber(type), offset };
    offset += Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
    return entry;
  });
  writeFile(path, (file) => {
    file.write(ggufHead(pairs, entries));
    for (const blob of blobs) {
      file.pad(GGUF_ALIGNMENT);
      blob.writeTo((bytes) => file.write(bytes));
    }
    file.pad(GGUF_ALIGNMENT);
  });
}

function splitPairs(index: number, count: number, tensorCount: number): GgufPair[] {
  return [
    { key: 'split.no', type: 'uint16', value: index },
    { key: 'split.count', type: 'uint16', value: count },
    { key: 'split.tensors.count', type: 'int32', value: tensorCount },
  ];
}

function factorBlob(factors: readonly number[]): FileOutput {
  const bytes = new Uint8Array(Float32Array.from(factors).buffer);
  return {
    name: 'rope_freqs.weight',
    type: 'f32',
    shape: [factors.length],
    bytes: storedRowBytes('f32', factors.length),
    writeTo: (write) => write(bytes),
  };
}

// ---- metadata

/** Reads back what the pairs say of the model. Throws: OUTPUT_FAILED. */
function checkPairs({ model, path, tensors }: Output, pairs: readonly GgufPair[]): void {
  const values = new Map<string, unknown>(pairs.map(({ key, value }) => [key, value]));
  const names = new Set(tensors.map(({ name }) => name));
  const { spec } = readGguf(new Fields(path, Object.fromEntries(values)), {
    hasTensor: (name) => names.has(name),
    tokenCount: undefined,
    embeddingRows: undefined,
    frequencyFactors: frequencyFactors(model.spec.rope),
    booleans: (key) => values.get(key) as boolean[] | undefined,
    numbers: (key) => values.get(key) as number[] | undefined,
  });
  const lost = differenceOf(model.spec, spec);
  if (lost !== undefined) throw outputFailed(path, lost);
}

function generalPairs(model: Model, architecture: string, type: WeightType): GgufPair[] {
  return [
    { key: 'general.architecture', type: 'string', value: architecture },
    { key: 'general.name', type: 'string', value: model.name },
    { key: 'general.file_type', type: 'uint32', value: ggmlFileType(type) },
    { key: 'general.quantization_version', type: 'uint32', value: QUANTIZATION_VERSION },
    ...samplingKeys(model.sampling).map(([key, value]): GgufPair => {
      const type = key.endsWith('top_k') ? 'int32' : 'float32';
      return { key, type, value };
    }),
  ];
}
