/**
 * Writing a model where a command line says: the format that its path asks for, what that format
 * can hold, and a line of progress that ends however the writing ends.
 */
import { WEIGHT_TYPES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { writeModel } from '@wafer/models';
import type { ModelFormat, WriteOptions } from '@wafer/models';
import { UsageError } from '../failures/failures.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { throwIfSignaled } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A path that ends in .gguf is a GGUF file, another one a folder of safetensors. */
export function formatOf(path: string): ModelFormat {
  return /\.gguf$/i.test(path) ? 'gguf' : 'safetensors';
}

/** Throws: UsageError where blocks of a type are asked of a folder. */
export function checkHolds(format: ModelFormat, type: WeightType): void {
  if (format === 'gguf' || WEIGHT_TYPES[type].blockColumns === 1) return;
  throw new UsageError(`safetensors cannot hold ${type}; give a path that ends in .gguf`);
}

/** What a command says of what it writes. */
export interface WriteFlags extends Omit<WriteOptions, 'onProgress' | 'isForced' | 'shardCount'> {
  shards?: number | undefined;
  force?: true | undefined;
}

/** Writes the model; where, and how many bytes of weights. Throws: OUTPUT_FAILED, TENSOR_SHAPE. */
export function writeNamed(
  { shards, force, ...options }: WriteFlags,
  terminal: Terminal,
): { path: string; bytes: number } {
  if (options.path.trim() === '') throw new UsageError('the path to write to is empty');
  const progress = new ProgressLine(terminal, 'writing', () => performance.now());
  let bytes = 0;
  try {
    const path = writeModel({
      ...options,
      ...(shards === undefined ? {} : { shardCount: shards }),
      isForced: force ?? false,
      onProgress: ({ writtenBytes, totalBytes }) => {
        throwIfSignaled();
        bytes = totalBytes;
        progress.report({ doneBytes: writtenBytes, totalBytes });
      },
    });
    return { path, bytes };
  } finally {
    progress.close();
  }
}
