/**
 * Rows of a tensor whose elements do not lie side by side: transposed, or two vectors by turns.
 *
 *     stored   c0: r0 r1 r2 r3 …      a column of the matrix is a line of the file, so a few rows
 *              c1: r0 r1 r2 r3 …      cost one read per column, however few they are
 *
 * Readers ask for a few rows at a time, in order. So a tile of more rows than asked is read and
 * turned, and kept for the next ranges; tiles grow as long as they follow one another.
 */
import { assert, WEIGHT_TYPES } from '@wafer/core';
import { readFully, type OpenFile } from '../source/files.ts';
import type { FileTensor, WeightRange } from '../source/source.ts';

/** A tile of turned rows has at most about this size. */
const TILE_BYTES_MAX = 16 * 1024 * 1024;

/** The first tile has at least so many rows, and each that follows another so many times more. */
const TILE_ROWS_MIN = 128;
const TILE_GROWTH = 4;

/** What lies between two lines is read along up to this: a read of its own costs as much. */
const GAP_BYTES_MAX = 16 * 1024;

/** Elements of two bytes in a line of the cache. */
const COLUMNS_AT_ONCE = 32;

interface Tile extends WeightRange {
  tensor: FileTensor;
  /** [rowCount, columnCount] elements. */
  bytes: Uint8Array;
}

export class StridedReader {
  #tile: Tile | undefined;

  /** Writes the range to `target`, rows packed without gaps. */
  readRows(file: OpenFile, tensor: FileTensor, range: WeightRange, target: Uint8Array): void {
    const rowBytes = range.columnCount * elementBytes(tensor);
    let row = range.row;
    const end = range.row + range.rowCount;
    while (row < end) {
      const tile = this.#tileAt(file, tensor, { ...range, row, rowCount: end - row });
      const from = row - tile.row;
      const count = Math.min(end - row, tile.rowCount - from);
      const bytes = tile.bytes.subarray(from * rowBytes, (from + count) * rowBytes);
      target.set(bytes, (row - range.row) * rowBytes);
      row += count;
    }
  }

  /** A tile that holds the first row of a range, and its columns. */
  #tileAt(file: OpenFile, tensor: FileTensor, range: WeightRange): Tile {
    const last = this.#tile;
    const { row, column, columnCount } = range;
    const isSame =
      last?.tensor === tensor && last.column === column && last.columnCount === columnCount;
    if (isSame && row >= last.row && row < last.row + last.rowCount) return last;
    const rowBytes = columnCount * elementBytes(tensor);
    const isNext = isSame && row === last.row + last.rowCount;
    const grown = isNext ? last.rowCount * TILE_GROWTH : TILE_ROWS_MIN;
    const wanted = Math.max(range.rowCount, grown);
    const most = Math.max(1, Math.floor(TILE_BYTES_MAX / Math.max(1, rowBytes)));
    const rowCount = Math.min(wanted, most, tensor.rows - row);
    const bytes = new Uint8Array(rowCount * rowBytes);
    const tile = { tensor, row, rowCount, column, columnCount, bytes };
    if (tensor.rowStride === undefined) readLine(file, tile);
    else readLines(file, tile, tensor.rowStride);
    this.#tile = tile;
    return tile;
  }
}

/**
 * Columns are lines of the file, and a few of them are turned together, so that a line of the cache
 * is filled at once. Where little lies between two lines it is read along: one read for all.
 */
function readLines(file: OpenFile, tile: Tile, rowStride: number): void {
  const { tensor, row, rowCount, column, columnCount, bytes } = tile;
  const size = elementBytes(tensor);
  const { offset, columnStride = 0 } = tensor;
  const lineBytes = (rowCount - 1) * rowStride + size;
  const isSpan = columnStride - lineBytes <= GAP_BYTES_MAX;
  const stride = isSpan ? columnStride : lineBytes;
  const span = new Uint8Array(stride * (COLUMNS_AT_ONCE - 1) + lineBytes);
  const [lines, target] = [elementsOf(span, size), elementsOf(bytes, size)];
  const [lineStep, rowStep] = [stride / size, rowStride / size];
  for (let first = 0; first < columnCount; first += COLUMNS_AT_ONCE) {
    const count = Math.min(COLUMNS_AT_ONCE, columnCount - first);
    const start = offset + (column + first) * columnStride + row * rowStride;
    if (isSpan) readFully(file, start, span.subarray(0, stride * (count - 1) + lineBytes));
    else {
      for (let k = 0; k < count; k++) {
        const line = span.subarray(k * stride, k * stride + lineBytes);
        readFully(file, start + k * columnStride, line);
      }
    }
    for (let i = 0; i < rowCount; i++) {
      const to = i * columnCount + first;
      for (let k = 0; k < count; k++) target[to + k] = lines[k * lineStep + i * rowStep] ?? 0;
    }
  }
}

/** Bytes of a buffer of their own as elements of 2 or 4 bytes. */
function elementsOf(bytes: Uint8Array, size: number): Uint16Array | Uint32Array {
  const count = bytes.length / size;
  return size === 4
    ? new Uint32Array(bytes.buffer, 0, count)
    : new Uint16Array(bytes.buffer, 0, count);
}

/** A vector: one read for all its elements and those between. */
function readLine(file: OpenFile, tile: Tile): void {
  const { tensor, rowCount, column, columnCount, bytes } = tile;
  assert(rowCount === 1, 'a vector has one row', { name: tensor.name });
  const size = elementBytes(tensor);
  const { offset, columnStride = size } = tensor;
  const line = new Uint8Array(Math.max(0, (columnCount - 1) * columnStride + size));
  readFully(file, offset + column * columnStride, line);
  for (let index = 0; index < columnCount; index++) {
    const element = line.subarray(index * columnStride, index * columnStride + size);
    bytes.set(element, index * size);
  }
}

function elementBytes({ name, type }: FileTensor): number {
  const { blockColumns, blockBytes } = WEIGHT_TYPES[type];
  assert(blockColumns === 1, 'only single elements are strided', { name, type });
  return blockBytes;
}
