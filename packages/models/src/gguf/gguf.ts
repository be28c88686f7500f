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
import { GgufTensorList } from './gguf-tensors.ts';
import type { GgufTensor } from './gguf-tensors.ts';
import { GGUF_ALIGNMENT, GGUF_MAGIC, GGUF_VALUE } from './gguf-types.ts';
import { GgufArray, GgufValues, shorten } from './gguf-values.ts';
import type { GgufValue } from './gguf-values.ts';

/** Bytes of the shortest pair and the shortest tensor entry. */
const PAIR_BYTES_MIN = 13;
const TENSOR_BYTES_MIN = 32;

/** Far above any model; they bound what a head of empty names takes in memory. */
const PAIR_COUNT_MAX = 2 ** 16;
const TENSOR_COUNT_MAX = 2 ** 18;

/** Items that are decoded of one array: above any vocabulary (o200k has 446,000 merges). */
const ITEMS_MAX = 2 ** 20;

export class GgufHead {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly #cursor: GgufCursor;
  readonly #values: GgufValues;
  readonly #fail: (reason: string) => WaferError;

  /** Reads and checks the head; the file must stay open while arrays are asked for. */
  constructor(file: OpenFile) {
    this.path = file.path;
    this.#fail = (reason) => new WaferError('GGUF_INVALID', { path: file.path, reason });
    refuseOtherFile(file, 'GGUF');
    this.#cursor = new GgufCursor(file, this.#fail);
    this.#values = new GgufValues(this.#cursor, this.#fail);
    const { tensorCount, pairCount } = this.#readStart();
    this.metadata = this.#readPairs(pairCount);
    const list = new GgufTensorList(this.#cursor, this.#fail);
    const tensors = list.read(tensorCount);
    const end = list.place(tensors, this.#alignment());
    if (end > file.byteCount) {
      throw this.#fail(`tensors reach to byte ${end}, the file has ${file.byteCount}`);
    }
    this.tensors = tensors;
  }

  /** The texts of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  strings(key: string): string[] | undefined {
    const isText = (type: number): boolean => type === GGUF_VALUE.string;
    return this.#items(key, { what: 'texts', isRight: isText }, () => this.#cursor.string(key));
  }

  /** The numbers of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  numbers(key: string): number[] | undefined {
    const isNumber = (type: number): boolean =>
      type !== GGUF_VALUE.bool && type !== GGUF_VALUE.string && type !== GGUF_VALUE.array;
    const kind = { what: 'numbers', isRight: isNumber };
    return this.#items(key, kind, (type) => Number(this.#values.read(type, key)));
  }

  /** The booleans of an array, or undefined where the key is absent. Throws: GGUF_INVALID. */
  booleans(key: string): boolean[] | undefined {
    const isBoolean = (type: number): boolean => type === GGUF_VALUE.bool;
    const kind = { what: 'booleans', isRight: isBoolean };
    return this.#items(key, kind, () => this.#values.boolean(key));
  }

  #items<Item>(
    key: string,
    { what, isRight }: { what: string; isRight: (type: number) => boolean },
    read: (type: number) => Item,
  ): Item[] | undefined {
    const value = this.metadata.get(key);
    if (value === undefined) return undefined;
    if (!(value instanceof GgufArray) || !isRight(value.itemType)) {
      throw this.#fail(`${key} is no array of ${what}`);
    }
    if (value.count > ITEMS_MAX) throw this.#fail(`${key} has ${value.count} ${what}`);
    this.#cursor.offset = value.offset;
    const items: Item[] = [];
    for (let index = 0; index < value.count; index++) items.push(read(value.itemType));
    return items;
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
      pairs.set(key, this.#values.read(this.#cursor.u32(), key));
    }
    return pairs;
  }

  #alignment(): number {
    const value = this.metadata.get('general.alignment') ?? GGUF_ALIGNMENT;
    const isRight = typeof value === 'number' && value >= 1 && value <= 2 ** 24;
    if (!isRight || !Number.isInteger(Math.log2(value))) {
      throw this.#fail('general.alignment is no power of two up to 2^24');
    }
    return value;
  }
}
