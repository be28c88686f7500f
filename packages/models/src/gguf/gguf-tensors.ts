/**
 * The list of tensors of a GGUF file: shapes, types and places, all within the file and apart from
 * each other.
 */
import type { WaferError } from '@wafer/core';
import type { GgufCursor } from './gguf-cursor.ts';
import { GGUF_TENSOR_TYPES } from './gguf-types.ts';
import { shorten } from './gguf-values.ts';

export interface GgufTensor {
  name: string;
  /** ggml number. */
  typeNumber: number;
  rows: number;
  columns: number;
  dimensions: readonly number[]; // innermost first
  offset: number; // bytes, from the start of the file
}

/** Reads the entries of tensors, one after another. */
export class GgufTensorList {
  readonly #cursor: GgufCursor;
  readonly #fail: (reason: string) => WaferError;

  constructor(cursor: GgufCursor, fail: (reason: string) => WaferError) {
    this.#cursor = cursor;
    this.#fail = fail;
  }

  /** Reads so many entries; offsets are those of the file. Throws: GGUF_INVALID. */
  read(count: number): Map<string, GgufTensor> {
    const tensors = new Map<string, GgufTensor>();
    for (let index = 0; index < count; index++) {
      const tensor = this.#readTensor(index);
      const name = shorten(tensor.name);
      if (tensors.has(tensor.name)) throw this.#fail(`tensor ${name} is there twice`);
      tensors.set(tensor.name, tensor);
    }
    return tensors;
  }

  #readTensor(index: number): GgufTensor {
    const cursor = this.#cursor;
    const name = cursor.string(`the name of tensor ${index}`);
    const dimensionCount = cursor.u32();
    if (dimensionCount < 1 || dimensionCount > 4) {
      throw this.#fail(`tensor ${shorten(name)} has ${dimensionCount} dimensions, not 1 to 4`);
    }
    const dimensions = Array.from({ length: dimensionCount }, () => cursor.size('a dimension'));
    if (dimensions.includes(0)) throw this.#fail(`tensor ${shorten(name)} has a dimension of 0`);
    const [columns = 1, ...outer] = dimensions;
    const rows = outer.reduce((product, dimension) => product * dimension, 1);
    if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(rows * columns * 8)) {
      throw this.#fail(`tensor ${shorten(name)} has ${dimensions.join(' x ')} elements`);
    }
    const typeNumber = cursor.u32();
    const offset = cursor.size(`the offset of tensor ${shorten(name)}`);
    return { name, typeNumber, rows, columns, dimensions, offset };
  }

  /**
   * Makes offsets absolute, checks that no two tensors overlap, and returns the last byte's end.
   */
  place(tensors: Map<string, GgufTensor>, alignment: number): number {
    const start = Math.ceil(this.#cursor.offset / alignment) * alignment;
    const inOrder = [...tensors.values()].sort((a, b) => a.offset - b.offset);
    let end = 0;
    let before = '';
    for (const tensor of inOrder) {
      const name = shorten(tensor.name);
      if (tensor.offset % alignment !== 0) {
        throw this.#fail(`tensor ${name} lies at ${tensor.offset}, no multiple of ${alignment}`);
      }
      if (tensor.offset < end) throw this.#fail(`tensors ${before} and ${name} overlap`);
      end = tensor.offset + this.#tensorBytes(tensor);
      tensor.offset += start;
      before = name;
      if (!Number.isSafeInteger(end + start)) throw this.#fail(`tensor ${name} ends at ${end}`);
    }
    return inOrder.length === 0 ? 0 : start + end; // a file of metadata alone needs no padding
  }

  /** Bytes of a tensor; at least 1 where its type is unknown, which is refused when it is used. */
  #tensorBytes(tensor: GgufTensor): number {
    const type = GGUF_TENSOR_TYPES.get(tensor.typeNumber);
    if (type === undefined) return 1;
    if (tensor.columns % type.blockColumns !== 0) {
      const name = shorten(tensor.name);
      const blocks = `${type.name} blocks hold ${type.blockColumns}`;
      throw this.#fail(`tensor ${name} has rows of ${tensor.columns}, ${blocks}`);
    }
    return (tensor.columns / type.blockColumns) * type.blockBytes * tensor.rows;
  }
}
