/**
 * Weights of a model into a run, and out of it as the files of a model.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import {
  dequantizeRow,
  reasonOf,
  storedRowBytes,
  systemCode,
  tensorShapes,
  WaferError,
} from '@wafer/core';
import { openReader, writeModel } from '@wafer/models';
import type { FileTensor, Model, SourceDescription } from '@wafer/models';
import type { TrainRun } from '../engine/run.ts';
import type { HeldValues } from '../engine/values.ts';

/** Reads all weights of a model, widened to f32. Throws: TENSOR_MISSING, MODEL_UNREADABLE. */
export function readWeights(model: Model, run: TrainRun): void {
  const reader = openReader(model.source);
  try {
    const added = new Set(run.program.adapters.flatMap(({ a, b }) => [a.name, b.name]));
    for (const { name, isVector, rows, columns } of run.program.tensors) {
      if (added.has(name)) continue;
      const target = run.tensor('weights', name);
      const stored = model.source.tensors[name];
      if (stored === undefined) {
        throw new WaferError('TENSOR_MISSING', { path: model.name, tensor: name });
      }
      if (isVector) {
        target.set(reader.readVector(name));
        continue;
      }
      const bytes = new Uint8Array(storedRowBytes(stored.type, columns));
      for (let row = 0; row < rows; row++) {
        reader.readRows(name, { row, rowCount: 1, column: 0, columnCount: columns }, bytes);
        const matrix = { type: stored.type, rows: 1, columns, stored: bytes };
        dequantizeRow(target.subarray(row * columns, (row + 1) * columns), matrix, 0);
      }
    }
  } finally {
    reader.close();
  }
}

/** Whose values are written, if not those held, and what is asked between pieces. */
interface WeightsUse {
  valuesOf?: (name: string) => Float32Array;
  check?: () => void;
}

/** Writes a model's weights as a folder of f32 safetensors. Throws: OUTPUT_FAILED. */
export function writeWeights(
  values: HeldValues,
  model: Model,
  folder: string,
  { valuesOf = (name) => values.tensor('weights', name), check }: WeightsUse = {},
): void {
  const path = `${folder}.weights`;
  const tensors: Record<string, FileTensor> = {};
  let offset = 0;
  const shapes = tensorShapes(values.program.spec);
  for (const shape of shapes) {
    tensors[shape.name] = { ...shape, type: 'f32', offset, fileIndex: 0 };
    offset += shape.rows * shape.columns * 4;
  }
  try {
    writeBytes(
      path,
      shapes.map(({ name }) => bytesOf(valuesOf(name))),
      check,
    );
    const source: SourceDescription = { kind: 'files', paths: [path], tensors };
    const { requantized: _, ...plain } = model;
    writeModel({
      model: { ...plain, source },
      format: 'safetensors',
      path: folder,
      isForced: true,
      ...(check && { onProgress: check }),
    });
  } finally {
    rmSync(path, { force: true });
  }
}

/** Writes parts to a file; whoever needs them on the disk waits for it. Throws: OUTPUT_FAILED. */
export function writeBytes(path: string, parts: readonly Uint8Array[], check?: () => void): void {
  try {
    const file = openSync(path, 'w');
    try {
      for (const part of parts) {
        check?.();
        let written = 0;
        while (written < part.length) written += writeSync(file, part, written);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}

export function bytesOf({
  buffer,
  byteOffset,
  byteLength,
}: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
