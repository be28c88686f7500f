/**
 * Opens a low-rank adapter beside a model: which matrices it changes, and where A and B lie.
 *
 * A folder is PEFT's, a file llama.cpp's. Every tensor of it must change a matrix that the model
 * has whole, or, in llama.cpp's, one of each expert; shapes are checked, contents are read later.
 *
 * Source: Hu et al. 2021 (LoRA).
 */
import { dequantizeRow, isVector, storedRowBytes, tensorShapes, WaferError } from '@wafer/core';
import type { ModelSpec, TensorShape } from '@wafer/core';
import { placeOf } from '../families/tensor-places.ts';
import { tryStat, unreadable } from '../source/files.ts';
import type { FileTensor, LowRank, StoredTensor, WeightReader } from '../source/source.ts';
import { rowOrder } from '../write/convert-rows.ts';
import { openReader } from '../weights/reader.ts';
import { unfit } from './adapter-file.ts';
import type { AdapterFile } from './adapter-file.ts';
import { readGgufAdapter } from './gguf-adapter.ts';
import { readPeft } from './peft-file.ts';

/** A change of a matrix by itself, without the matrix. */
export type AdapterChange = Omit<LowRank, 'base'>;

/** An adapter that was opened and checked. */
export interface OpenAdapter {
  /** The file that its tensors lie in. */
  path: string;
  /** By canonical name of the matrix. */
  changes: Readonly<Record<string, AdapterChange>>;
}

/** A change as numbers, rows of B in the model's order, its factor apart. */
export interface ChangeValues {
  rank: number;
  scale: number;
  a: Float32Array; // [rank, columns]
  b: Float32Array; // [rows, rank]
}

/**
 * Opens an adapter of a model. `fileIndex`: the number of its file among others.
 * Throws: CONFIG_INVALID, GGUF_INVALID, SAFETENSORS_INVALID, MODEL_KIND, MODEL_UNREADABLE,
 * TENSOR_*.
 */
export function openAdapter(spec: ModelSpec, path: string, fileIndex = 0): OpenAdapter {
  const stats = tryStat(path);
  if (stats === undefined) throw unreadable(path, 'no such file or folder');
  const read = stats.isDirectory() ? readPeft : readGgufAdapter;
  const file = read(path, spec, fileIndex);
  const left = new Set(file.stored.keys());
  const changes: Record<string, AdapterChange> = {};
  for (const shape of tensorShapes(spec)) {
    const change = changeOf(file, shape, spec, left);
    if (change !== undefined) changes[shape.name] = change;
  }
  const [first] = left;
  if (first !== undefined) throw unfit(path, `changes ${first}, which the model does not have`);
  return { path: file.path, changes };
}

/** Reads changes by canonical name of the matrix, one at a time. Throws: TENSOR_NOT_FINITE. */
export function* readChanges(adapter: OpenAdapter): Generator<[string, ChangeValues]> {
  const entries = Object.entries(adapter.changes);
  const tensors = Object.fromEntries(
    entries.flatMap(([, { a, b }]) => [a, b]).map((tensor) => [tensor.name, tensor]),
  );
  const paths = [adapter.path];
  const reader = openReader({ kind: 'files', paths, tensors });
  try {
    for (const [name, { a, b, rank, scale, rowOrder: order }] of entries) {
      const stored = readMatrix(reader, b);
      const rows = order === undefined ? stored : new Float32Array(stored.length);
      order?.forEach((from, row) => {
        rows.set(stored.subarray(from * rank, (from + 1) * rank), row * rank);
      });
      if (!rows.every((value) => Number.isFinite(Math.fround(value * scale)))) {
        throw new WaferError('TENSOR_NOT_FINITE', { tensor: b.name });
      }
      yield [name, { rank, scale, a: readMatrix(reader, a), b: rows }];
    }
  } finally {
    reader.close();
  }
}

/** What a file says of one matrix; takes its tensors out of those left. */
function changeOf(
  file: AdapterFile,
  shape: TensorShape,
  spec: ModelSpec,
  left: Set<string>,
): AdapterChange | undefined {
  const place = placeOf(file.names, shape.role);
  if (place === undefined || isVector(shape)) return undefined;
  const names = file.partsOf(place.tensor);
  const [low, high] = [file.stored.get(names.a), file.stored.get(names.b)];
  if (low === undefined && high === undefined) return undefined;
  if (place.fusion || place.isTransposed) {
    const hint = 'take a file that has them apart, as GGUF does of GPT-OSS, or merge it first';
    throw unfit(file.path, `changes ${place.tensor}, several matrices in one`, hint);
  }
  const expertCount = place.isStacked ? spec.experts?.expertCount : undefined;
  const tensorIn = (name: string, stored: StoredTensor | undefined): FileTensor => {
    left.delete(name);
    if (stored === undefined) {
      throw new WaferError('TENSOR_MISSING', { path: file.path, tensor: name });
    }
    if (expertCount === undefined) return tensorOf(name, stored, shape);
    return expertOf(tensorOf(name, unstacked(name, stored, expertCount), shape), place.expert);
  };
  const [a, b] = [tensorIn(names.a, low), tensorIn(names.b, high)];
  checkShapes(shape, a, b);
  const saved = { ...spec, rope: { ...spec.rope, layout: file.layout } };
  const order = rowOrder(saved, shape, spec.rope.layout);
  return {
    ...{ a, b, rank: a.rows, scale: file.scaleOf(a.rows) },
    ...(order && { rowOrder: Array.from({ length: shape.rows }, (_, row) => order(row)) }),
  };
}

/** A matrix of one row may be written as a vector. */
function tensorOf(
  name: string,
  { type, typeName, shape, fileIndex, offset }: StoredTensor,
  { role, use }: TensorShape,
): FileTensor {
  const [rows = 0, columns = 0] = shape.length === 1 ? [1, ...shape] : shape;
  if (type === undefined || shape.length > 2) {
    const supported = 'matrices of F32, F16, BF16';
    throw new WaferError('TENSOR_TYPE', { tensor: name, type: typeName, supported });
  }
  return { name, role, use, type, rows, columns, fileIndex, offset };
}

/** A stack of all experts' matrices as the first of them. Throws: TENSOR_SHAPE. */
function unstacked(name: string, stored: StoredTensor, expertCount: number): StoredTensor {
  const [count = 0, ...shape] = stored.shape;
  if (shape.length === 2 && count === expertCount) return { ...stored, shape };
  const actual = stored.shape.join(' x ');
  const expected = `${expertCount} x rows x columns`;
  throw new WaferError('TENSOR_SHAPE', { tensor: name, actual, expected });
}

/** The matrix of an expert behind those of the experts before. */
function expertOf(first: FileTensor, expert: number): FileTensor {
  const { name, type, rows, columns, offset } = first;
  const bytes = rows * storedRowBytes(type, columns);
  return { ...first, name: `${name}[${expert}]`, offset: offset + expert * bytes };
}

function checkShapes(
  { rows, columns }: { rows: number; columns: number },
  a: FileTensor,
  b: FileTensor,
): void {
  const pairs = [
    [a, `${Math.max(1, a.rows)} x ${columns}`],
    [b, `${rows} x ${a.rows}`],
  ] as const;
  for (const [tensor, expected] of pairs) {
    const actual = `${tensor.rows} x ${tensor.columns}`;
    if (actual !== expected) {
      throw new WaferError('TENSOR_SHAPE', { tensor: tensor.name, actual, expected });
    }
  }
}

/** A whole matrix, widened. */
function readMatrix(reader: WeightReader, { name, type, rows, columns }: FileTensor): Float32Array {
  const rowBytes = storedRowBytes(type, columns);
  const stored = new Uint8Array(rows * rowBytes);
  reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, stored);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const target = values.subarray(row * columns, (row + 1) * columns);
    dequantizeRow(target, { type, rows, columns, stored }, row);
  }
  if (!values.every(Number.isFinite)) throw new WaferError('TENSOR_NOT_FINITE', { tensor: name });
  return values;
}
