/**
 * The head of a GGUF file: metadata and the list of tensors, never their data.
 *
 *   magic, version, tensor count, pair count
 *   pairs:   key, value type, value
 *   tensors: name, dimension count, dimensions (innermost first), type, offset
 *   padding to the alignment, then tensor data
 *
 * Own reader rather than `@huggingface/gguf`: hostile files must be refused within bounds, with
 * the reason. Arrays stay undecoded until they are asked for.
 *
 * Source: ggml, docs/gguf.md (versions 2 and 3, little endian).
 */
import { WaferError } from '@wafer/core';
import { refuseOtherFile } from '../source/file-kinds.ts';
import type { OpenFile } from '../source/files.ts';
import { GgufCursor } from './gguf-cursor.ts';
import {
  GGUF_ALIGNMENT,
  GGUF_MAGIC,
  GGUF_TENSOR_TYPES,
  GGUF_VALUE,
  GGUF_VALUE_BYTES,
} from './gguf-types.ts';

/** Arrays of arrays deeper than this are refused. */
const NESTING_MAX = 4;

/** Bytes of the shortest pair and the shortest tensor entry. */
const PAIR_BYTES_MIN = 13;
const TENSOR_BYTES_MIN = 32;

/** Items that are decoded of one array: above any vocabulary (o200k has 446,000 merges). */
const ITEMS_MAX = 2 ** 20;

/** Far above any model; they bound what a head of empty names takes in memory. */
const PAIR_COUNT_MAX = 2 ** 16;
const TENSOR_COUNT_MAX = 2 ** 18;

/** An array of metadata, not decoded. */
export class GgufArray {
  readonly itemType: number;
  readonly count: number;
  readonly offset: number;

  constructor(itemType: number, count: number, offset: number) {
    this.itemType = itemType;
    this.count = count;
    this.offset = offset;
  }
}

/** A metadata value; 64-bit integers beyond 2^53 stay bigint. */
export type GgufValue = number | bigint | boolean | string | GgufArray;

export interface GgufTensor {
  name: string;
  /** ggml number. */
  typeNumber: number;
  rows: number;
  columns: number;
  dimensions: readonly number[]; // innermost first
  offset: number; // bytes, from the start of the file
}

export class GgufHead {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly #cursor: GgufCursor;
  readonly #fail: (reason: string) => WaferError;

  /** Reads and checks the head; the file must stay open while arrays are asked for. */
  constructor(file: OpenFile) {
    this.path = file.path;
    this.#fail = (reason) => new WaferError('GGUF_INVALID', { path: file.path, reason });
    refuseOtherFile(file, 'GGUF');
    this.#cursor = new GgufCursor(file, this.#fail);
    const { tensorCount, pairCount } = this.#readStart();
    this.metadata = this.#readPairs(pairCount);
    const tensors = this.#readTensors(tensorCount);
    const end = this.#checkPlaces(tensors, this.#alignment());
    if (end > file.byteCount) {
      throw this.#fail(`tensors reach to byte ${end}, the file has ${file.byteCount}`);
    }
    this.tensors = tensors;
  }

  /** The texts of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  strings(key: string): string[] | undefined {
    const array = this.#array(key, (type) => type === GGUF_VALUE.string, 'texts');
    if (array === undefined) return undefined;
    if (array.count > ITEMS_MAX) throw this.#fail(`${key} has ${array.count} texts`);
    return Array.from({ length: array.count }, () => this.#cursor.string(key));
  }

  /** The numbers of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  numbers(key: string): number[] | undefined {
    const isNumber = (type: number): boolean =>
      type !== GGUF_VALUE.bool && type !== GGUF_VALUE.string && type !== GGUF_VALUE.array;
    const array = this.#array(key, isNumber, 'numbers');
    if (array === undefined) return undefined;
    if (array.count > ITEMS_MAX) throw this.#fail(`${key} has ${array.count} numbers`);
    return Array.from({ length: array.count }, () => Number(this.#value(array.itemType, key, 0)));
  }

  /** The booleans of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  booleans(key: string): boolean[] | undefined {
    const array = this.#array(key, (type) => type === GGUF_VALUE.bool, 'booleans');
    if (array === undefined) return undefined;
    if (array.count > ITEMS_MAX) throw this.#fail(`${key} has ${array.count} booleans`);
    return Array.from({ length: array.count }, () => this.#boolean(key));
  }

  #array(key: string, isRight: (type: number) => boolean, what: string): GgufArray | undefined {
    const value = this.metadata.get(key);
    if (value === undefined) return undefined;
    if (!(value instanceof GgufArray) || !isRight(value.itemType)) {
      throw this.#fail(`${key} is no array of ${what}`);
    }
    this.#cursor.offset = value.offset;
    return value;
  }

  #readStart(): { tensorCount: number; pairCount: number } {
    const cursor = this.#cursor;
    if (cursor.remainingBytes < 24) throw this.#fail('it is too short');
    if (cursor.u32() !== GGUF_MAGIC) throw this.#fail('it does not start with GGUF');
    const version = cursor.u32();
    if (version !== 0 && (version & 0xffff) === 0) throw this.#fail('it is big endian');
    if (version !== 2 && version !== 3) throw this.#fail(`version ${version} is not 2 or 3`);
    const tensorCount = cursor.size('the tensor count');
    const pairCount = cursor.size('the metadata count');
    cursor.checkCount('tensors', tensorCount, TENSOR_BYTES_MIN);
    cursor.checkCount('metadata pairs', pairCount, PAIR_BYTES_MIN);
    if (tensorCount > TENSOR_COUNT_MAX) throw this.#fail(`it names ${tensorCount} tensors`);
    if (pairCount > PAIR_COUNT_MAX) throw this.#fail(`it has ${pairCount} metadata pairs`);
    return { tensorCount, pairCount };
  }

  #readPairs(count: number): Map<string, GgufValue> {
    const pairs = new Map<string, GgufValue>();
    for (let index = 0; index < count; index++) {
      const key = this.#cursor.string(`metadata key ${index}`);
      if (pairs.has(key)) throw this.#fail(`metadata key ${shorten(key)} is there twice`);
      pairs.set(key, this.#value(this.#cursor.u32(), key, 0));
    }
    return pairs;
  }

  #value(type: number, key: string, depth: number): GgufValue {
    const cursor = this.#cursor;
    switch (type) {
      case GGUF_VALUE.uint8:
        return cursor.u8();
      case GGUF_VALUE.int8:
        return cursor.i8();
      case GGUF_VALUE.uint16:
        return cursor.u16();
      case GGUF_VALUE.int16:
        return cursor.i16();
      case GGUF_VALUE.uint32:
        return cursor.u32();
      case GGUF_VALUE.int32:
        return cursor.i32();
      case GGUF_VALUE.float32:
        return cursor.f32();
      case GGUF_VALUE.float64:
        return cursor.f64();
      case GGUF_VALUE.bool:
        return this.#boolean(key);
      case GGUF_VALUE.string:
        return cursor.string(shorten(key));
      case GGUF_VALUE.array:
        return this.#skipArray(key, depth);
      case GGUF_VALUE.uint64:
        return narrow(cursor.u64());
      case GGUF_VALUE.int64:
        return narrow(cursor.i64());
      default:
        throw this.#fail(`${shorten(key)} has unknown value type ${type}`);
    }
  }

  #boolean(key: string): boolean {
    const byte = this.#cursor.u8();
    if (byte > 1) throw this.#fail(`${shorten(key)} is ${byte}, neither true nor false`);
    return byte === 1;
  }

  /** Notes where an array's items lie and passes over them, checking their lengths. */
  #skipArray(key: string, depth: number): GgufArray {
    const cursor = this.#cursor;
    const itemType = cursor.u32();
    const itemBytes = GGUF_VALUE_BYTES[itemType];
    const name = shorten(key);
    if (itemBytes === undefined) throw this.#fail(`${name} has unknown item type ${itemType}`);
    if (depth >= NESTING_MAX) throw this.#fail(`${name} nests arrays over ${NESTING_MAX} deep`);
    const count = cursor.size(`the item count of ${name}`);
    cursor.checkCount(`items of ${name}`, count, itemBytes);
    const array = new GgufArray(itemType, count, cursor.offset);
    if (itemType === GGUF_VALUE.string) {
      for (let index = 0; index < count; index++) cursor.skipString(name);
    } else if (itemType === GGUF_VALUE.array) {
      for (let index = 0; index < count; index++) this.#skipArray(key, depth + 1);
    } else {
      cursor.skip(count * itemBytes);
    }
    return array;
  }

  #alignment(): number {
    const value = this.metadata.get('general.alignment') ?? GGUF_ALIGNMENT;
    const isRight = typeof value === 'number' && value >= 1 && value <= 2 ** 24;
    if (!isRight || !Number.isInteger(Math.log2(value))) {
      throw this.#fail('general.alignment is no power of two up to 2^24');
    }
    return value;
  }

  // ---- tensors

  #readTensors(count: number): Map<string, GgufTensor> {
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
  #checkPlaces(tensors: Map<string, GgufTensor>, alignment: number): number {
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

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function shorten(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
