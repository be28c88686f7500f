/**
 * Writes an opened model in another format or weight type, without holding it in memory.
 *
 *     openModel('synthetic:15m:f16:7') → writeModel → folder of safetensors, or one GGUF file
 *
 * The written model computes the same function: its tensors are the same rows, in the rotary
 * layout of the format. Norms and biases are always f32, so no format loses what another keeps.
 */
import {
  isVector,
  storedRowBytes,
  WEIGHT_TYPES,
  tensorShapes,
  WaferError,
  type WeightType,
} from '@wafer/core';
import { rowOrder, writeMatrix, writeVector, type OutputTensor } from './convert-rows.ts';
import { familyOf } from '../families/families.ts';
import type { ModelFormat } from '../families/tensor-places.ts';
import { fileTensors } from './file-layout.ts';
import { isGgufType } from '../gguf/gguf-types.ts';
import { checkFree, outputFailed } from './output-file.ts';
import { openReader } from '../weights/reader.ts';
import type { Model, WeightReader } from '../source/source.ts';
import { packedType, storedType } from '../source/stored-types.ts';
import { writeGguf } from './write-gguf.ts';
import { writeSafetensors } from './write-safetensors.ts';

export interface WriteOptions {
  model: Model;
  format: ModelFormat;
  /** The .gguf file, or the folder of a Hugging Face model. */
  path: string;
  /** Of matrices, where it fits (`storableType`); each keeps its own unless given. */
  type?: WeightType;
  /** Whether matrices whose inputs are no whole blocks of `type` keep theirs; else refused. */
  keepsUnfit?: boolean;
  /** How many files of weights; 1 unless given. */
  shardCount?: number;
  /** Writes over what is there. */
  isForced?: boolean;
  /** Called after each piece of a tensor. */
  onProgress?: (progress: WriteProgress) => void;
}

/** How far writing has come. */
export interface WriteProgress {
  writtenBytes: number;
  totalBytes: number;
}

/**
 * Writes a model and returns what to open it by: the path, or the first of several GGUF files.
 * Throws: OUTPUT_EXISTS, OUTPUT_FAILED, TENSOR_SHAPE where blocks do not fit.
 */
export function writeModel(options: WriteOptions): string {
  const { model, format, path, shardCount = 1, isForced = false } = options;
  if (!Number.isSafeInteger(shardCount) || shardCount < 1) {
    throw outputFailed(path, `${shardCount} is no count of shards`);
  }
  if (!isForced && format === 'safetensors') checkFree(path);
  const reader = openReader(model.source);
  try {
    const outputs = withProgress(outputTensors(options, reader), options.onProgress);
    const family = familyOf(model.spec);
    const { names } = format === 'gguf' ? family.gguf : family.hf;
    const refuse = (reason: string): Error => outputFailed(path, reason);
    const tensors = fileTensors(outputs, { names, refuse }, model.spec);
    const output = { model, path, tensors, shardCount };
    if (format === 'gguf') return writeGguf({ ...output, family: family.gguf, isForced });
    writeSafetensors({ ...output, family: family.hf });
    return path;
  } finally {
    reader.close();
  }
}

function withProgress(
  tensors: OutputTensor[],
  onProgress: WriteOptions['onProgress'],
): OutputTensor[] {
  if (onProgress === undefined) return tensors;
  const totalBytes = tensors.reduce(
    (sum, { info }) => sum + info.rows * storedRowBytes(info.type, info.columns),
    0,
  );
  let writtenBytes = 0;
  return tensors.map((tensor) => ({
    ...tensor,
    writeTo: (write) =>
      tensor.writeTo((bytes) => {
        write(bytes);
        writtenBytes += bytes.length;
        onProgress({ writtenBytes, totalBytes });
      }),
  }));
}

function outputTensors(options: WriteOptions, reader: WeightReader): OutputTensor[] {
  const { model, format, path } = options;
  const { spec, source } = model;
  const family = familyOf(spec);
  const { layout } = format === 'gguf' ? family.gguf : family.hf;
  return tensorShapes(spec).map(({ name }) => {
    const tensor = source.tensors[name];
    if (tensor === undefined) throw new WaferError('TENSOR_MISSING', { path, tensor: name });
    const asked = options.type ?? tensor.type;
    const isPacked = asked === 'mxfp4' && format === 'safetensors' && family.hf.packsExperts;
    const wanted = isPacked ? packedType(tensor) : storedType(tensor, asked);
    const isWhole = tensor.columns % WEIGHT_TYPES[wanted].blockColumns === 0;
    const type = isWhole || options.keepsUnfit !== true ? wanted : tensor.type;
    const { blockColumns } = WEIGHT_TYPES[type];
    if (tensor.columns % blockColumns !== 0) {
      const expected = `a multiple of ${blockColumns} columns for ${type}`;
      const actual = `${tensor.rows} x ${tensor.columns}`;
      throw new WaferError('TENSOR_SHAPE', { tensor: name, actual, expected });
    }
    if (format === 'safetensors' && blockColumns > 1 && !isPacked) {
      throw outputFailed(path, `safetensors hold f32, f16 or bf16, not ${type}`);
    }
    if (format === 'gguf' && !isGgufType(type)) throw outputFailed(path, `GGUF has no ${type}`);
    const order = rowOrder(spec, tensor, layout);
    const { role, use, rows, columns } = tensor;
    return {
      info: { name, role, use, type, rows, columns },
      writeTo: (write) => {
        if (isVector(tensor)) writeVector(reader, tensor, order, write);
        else writeMatrix(reader, tensor, { type, order }, write);
      },
    };
  });
}
