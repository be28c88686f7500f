/**
 * Reads stored rows of a described model straight into a tile's memory.
 *
 * Each thread opens its own reader. File reads go into the caller's bytes, which may be a view of
 * shared WebAssembly memory; ranges of columns, and rows with others between, are cut from spans
 * of whole rows, so that a narrow shard does not cost a system call per row.
 */
import {
  assert,
  dequantizeRow,
  storedRowBytes,
  WaferError,
  WEIGHT_TYPES,
  type TensorInfo,
} from '@wafer/core';
import { closeFile, openFile, readFully, type OpenFile } from '../source/files.ts';
import { AdaptingReader } from './adapting-reader.ts';
import { storedSource } from './quantization.ts';
import { QuantizingReader } from './quantizing-reader.ts';
import { ScaledReader } from './scaled-reader.ts';
import type { FileTensor, SourceDescription, WeightRange, WeightReader } from '../source/source.ts';
import { StridedReader } from './strided-reader.ts';
import { writeSyntheticRows } from '../synthetic/synthetic-values.ts';

/** Whole rows are read in spans of this size when only some of their columns are wanted. */
const SPAN_BYTES = 1024 * 1024;

/** Opens the weights of a model. Throws: MODEL_UNREADABLE. */
export function openReader(description: SourceDescription): WeightReader {
  const { tensors } = description;
  const isQuantizing = Object.values(tensors).some(({ storedType }) => storedType !== undefined);
  if (!isQuantizing) return openStored(description);
  return new QuantizingReader(openStored(storedSource(description)), tensors);
}

function openStored(description: SourceDescription): WeightReader {
  if (description.kind === 'synthetic') {
    return new SyntheticReader(description.seed, description.tensors);
  }
  const { paths, tensors, changes } = description;
  if (changes === undefined) return new FileReader(paths, tensors);
  const all = { ...tensors };
  for (const [name, { base, a, b }] of Object.entries(changes)) {
    Object.assign(all, { [name]: base, [a.name]: a, [b.name]: b });
  }
  return new AdaptingReader(new FileReader(paths, all), all, changes);
}

class FileReader implements WeightReader {
  readonly #files: OpenFile[] = [];
  /** Kept for the next range: fresh pages cost as much as the read. */
  #span = new Uint8Array(0);
  readonly #strided = new StridedReader();
  readonly #scaled = new ScaledReader();
  readonly #tensors: Readonly<Record<string, FileTensor>>;

  constructor(paths: readonly string[], tensors: Readonly<Record<string, FileTensor>>) {
    this.#tensors = tensors;
    try {
      for (const path of paths) this.#files.push(openFile(path));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  readRows(name: string, range: WeightRange, target: Uint8Array): void {
    const tensor = find(this.#tensors, name);
    checkRange(tensor, range, target);
    const file = this.#files[tensor.fileIndex];
    assert(file !== undefined, 'a tensor lies in a file of its model', { name });
    if (tensor.scales !== undefined) {
      this.#scaled.readRows(this.#files, tensor, range, target);
      return;
    }
    if (tensor.columnStride !== undefined) {
      this.#strided.readRows(file, tensor, range, target);
      return;
    }
    const rowBytes = storedRowBytes(tensor.type, tensor.columns);
    const { rowStride = rowBytes } = tensor;
    const start = tensor.offset + range.row * rowStride;
    if (range.columnCount === tensor.columns && rowStride === rowBytes) {
      readFully(file, start, target.subarray(0, range.rowCount * rowBytes));
      return;
    }
    const from = storedRowBytes(tensor.type, range.column);
    const length = storedRowBytes(tensor.type, range.columnCount);
    const spanRows = Math.max(1, Math.floor(SPAN_BYTES / rowStride));
    const span = this.#spanOf(Math.min(spanRows, range.rowCount) * rowStride);
    for (let row = 0; row < range.rowCount; row += spanRows) {
      const count = Math.min(spanRows, range.rowCount - row);
      // The last row may end the file: nothing is read beyond it.
      const spanBytes = (count - 1) * rowStride + rowBytes;
      readFully(file, start + row * rowStride, span.subarray(0, spanBytes));
      for (let i = 0; i < count; i++) {
        const columns = span.subarray(i * rowStride + from, i * rowStride + from + length);
        target.set(columns, (row + i) * length);
      }
    }
  }

  readVector(name: string): Float32Array {
    return readVector(this, find(this.#tensors, name));
  }

  takeLoss(): undefined {
    return undefined;
  }

  #spanOf(bytes: number): Uint8Array {
    if (this.#span.length < bytes) this.#span = new Uint8Array(bytes);
    return this.#span;
  }

  close(): void {
    for (const file of this.#files.splice(0)) closeFile(file);
  }
}

class SyntheticReader implements WeightReader {
  readonly #seed: number;
  readonly #tensors: Readonly<Record<string, TensorInfo>>;

  constructor(seed: number, tensors: Readonly<Record<string, TensorInfo>>) {
    this.#seed = seed;
    this.#tensors = tensors;
  }

  readRows(name: string, range: WeightRange, target: Uint8Array): void {
    const tensor = find(this.#tensors, name);
    checkRange(tensor, range, target);
    writeSyntheticRows(this.#seed, tensor, range, target);
  }

  readVector(name: string): Float32Array {
    return readVector(this, find(this.#tensors, name));
  }

  takeLoss(): undefined {
    return undefined;
  }

  close(): void {
    // Holds nothing.
  }
}

function readVector(reader: WeightReader, tensor: TensorInfo): Float32Array {
  const { name, type, rows, columns } = tensor;
  assert(rows === 1, 'a vector has one row', { name, rows });
  const stored = new Uint8Array(storedRowBytes(type, columns));
  reader.readRows(name, { row: 0, rowCount: 1, column: 0, columnCount: columns }, stored);
  const values = new Float32Array(columns);
  dequantizeRow(values, { type, rows, columns, stored }, 0);
  if (!values.every(Number.isFinite)) throw new WaferError('TENSOR_NOT_FINITE', { tensor: name });
  return values;
}

function find<T>(tensors: Readonly<Record<string, T>>, name: string): T {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  assert(tensor !== undefined, 'the model has the tensor', { name });
  return tensor;
}

function checkRange(tensor: TensorInfo, range: WeightRange, target: Uint8Array): void {
  const { row, rowCount, column, columnCount } = range;
  const { blockColumns } = WEIGHT_TYPES[tensor.type];
  const isInside =
    row >= 0 &&
    rowCount >= 0 &&
    row + rowCount <= tensor.rows &&
    column >= 0 &&
    columnCount >= 0 &&
    column + columnCount <= tensor.columns;
  assert(isInside, 'a range lies inside its tensor', { ...tensor, ...range });
  const isWhole = column % blockColumns === 0 && columnCount % blockColumns === 0;
  assert(isWhole, 'columns are whole blocks', { ...tensor, ...range });
  const byteCount = rowCount * storedRowBytes(tensor.type, columnCount);
  assert(target.length >= byteCount, 'rows fit their target', { ...range, byteCount });
}
