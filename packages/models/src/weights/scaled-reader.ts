/**
 * Rows whose scales lie apart from their numbers, as the blocks that kernels pack.
 *
 *   f8      numbers [rows][columns], scales by a grid     ->  f32 scale, 128 numbers, …
 *   mxfp4   nibbles [rows][columns / 32][16], exponents   ->  exponent, 16 bytes, …
 *
 * A folder's MXFP4 has inputs 2i and 2i + 1 in byte i, a block (as in GGUF) i and i + 16.
 * Source: transformers, integrations/mxfp4.py and finegrained_fp8.py (what is stored).
 */
import {
  assert,
  BLOCK_FORMATS,
  dequantizeRow,
  isBlockType,
  storedRowBytes,
  type BlockFormat,
} from '@wafer/core';
import { readFully, type OpenFile } from '../source/files.ts';
import type { FileScales, FileTensor, WeightRange } from '../source/source.ts';

/** Bytes of a block's scale in MXFP4 and in 8-bit floats. */
const EXPONENT_BYTES = 1;
const SCALE_BYTES = 4;

export class ScaledReader {
  /** Scales of the tensor that was read last: small, and asked for many times. */
  #grid: { tensor: FileTensor; values: Float32Array } | undefined;
  #numbers = new Uint8Array(0);
  #exponents = new Uint8Array(0);

  /** Writes the range to `target` as blocks, rows packed without gaps. */
  readRows(
    files: readonly OpenFile[],
    tensor: FileTensor,
    range: WeightRange,
    target: Uint8Array,
  ): void {
    const { scales, type } = tensor;
    assert(scales !== undefined && isBlockType(type), 'scales lie apart', { name: tensor.name });
    const format = BLOCK_FORMATS[type];
    if (scales.kind === 'grid') this.#readEights(files, { ...tensor, scales }, range, target);
    else this.#readNibbles(files, { ...tensor, scales }, format, range, target);
  }

  #readEights(
    files: readonly OpenFile[],
    tensor: FileTensor & { scales: FileScales & { kind: 'grid' } },
    range: WeightRange,
    target: Uint8Array,
  ): void {
    const { scales } = tensor;
    const { blockColumns } = BLOCK_FORMATS.f8_e4m3;
    const grid = this.#gridOf(files, tensor);
    const view = new DataView(target.buffer, target.byteOffset);
    const line = this.#sized('numbers', range.columnCount);
    let at = 0;
    for (let row = range.row; row < range.row + range.rowCount; row++) {
      const rowStart = tensor.offset + row * (tensor.rowStride ?? tensor.columns);
      readFully(fileOf(files, tensor), rowStart + range.column, line);
      const gridRow = Math.floor((scales.firstRow + row) / scales.rowSpan) * scales.gridColumns;
      for (let k = 0; k < range.columnCount; k += blockColumns) {
        const gridColumn = Math.floor((range.column + k) / scales.columnSpan);
        view.setFloat32(at, grid[gridRow + gridColumn] ?? NaN, true);
        target.set(line.subarray(k, k + blockColumns), at + SCALE_BYTES);
        at += SCALE_BYTES + blockColumns;
      }
    }
  }

  #gridOf(
    files: readonly OpenFile[],
    tensor: FileTensor & { scales: FileScales & { kind: 'grid' } },
  ): Float32Array {
    if (this.#grid?.tensor.name === tensor.name) return this.#grid.values;
    const { type, count: columns, offset } = tensor.scales;
    const stored = new Uint8Array(storedRowBytes(type, columns));
    readFully(fileOf(files, tensor.scales), offset, stored);
    const values = new Float32Array(columns);
    dequantizeRow(values, { type, rows: 1, columns, stored }, 0);
    this.#grid = { tensor, values };
    return values;
  }

  #readNibbles(
    files: readonly OpenFile[],
    tensor: FileTensor & { scales: FileScales & { kind: 'exponents' } },
    { blockColumns, blockBytes }: BlockFormat,
    range: WeightRange,
    target: Uint8Array,
  ): void {
    const { scales } = tensor;
    const nibbleBytes = blockBytes - EXPONENT_BYTES;
    const [first, count] = [range.column / blockColumns, range.columnCount / blockColumns];
    const rowStride = tensor.rowStride ?? (tensor.columns / blockColumns) * nibbleBytes;
    const line = this.#sized('numbers', count * nibbleBytes);
    const exponents = this.#sized('exponents', count);
    let at = 0;
    for (let row = range.row; row < range.row + range.rowCount; row++) {
      const numbersStart = tensor.offset + row * rowStride + first * nibbleBytes;
      readFully(fileOf(files, tensor), numbersStart, line);
      readFully(fileOf(files, scales), scales.offset + row * scales.rowStride + first, exponents);
      for (let block = 0; block < count; block++) {
        target[at] = exponents[block] ?? 0;
        regroup(line, block * nibbleBytes, target, at + EXPONENT_BYTES);
        at += blockBytes;
      }
    }
  }

  #sized(which: 'numbers' | 'exponents', bytes: number): Uint8Array {
    const known = which === 'numbers' ? this.#numbers : this.#exponents;
    const sized = known.length >= bytes ? known : new Uint8Array(bytes);
    if (which === 'numbers') this.#numbers = sized;
    else this.#exponents = sized;
    return sized.subarray(0, bytes);
  }
}

/** From neighbors (2i, 2i + 1) in byte i to inputs (i, i + 16). */
function regroup(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let i = 0; i < 8; i++) {
    const [near, far] = [source[from + i] ?? 0, source[from + 8 + i] ?? 0];
    target[to + 2 * i] = (near & 15) | ((far & 15) << 4);
    target[to + 2 * i + 1] = (near >> 4) | (far & 0xf0);
  }
}

function fileOf(files: readonly OpenFile[], at: { fileIndex: number }): OpenFile {
  const file = files[at.fileIndex];
  assert(file !== undefined, 'a tensor lies in a file of its model', { index: at.fileIndex });
  return file;
}
