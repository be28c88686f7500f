/**
 * Values of a GGUF file's metadata. Arrays stay undecoded, as a place in the file, until they are
 * asked for: a vocabulary is read once, by whoever needs it.
 */
import type { WaferError } from '@wafer/core';
import type { GgufCursor } from './gguf-cursor.ts';
import { GGUF_VALUE, GGUF_VALUE_BYTES } from './gguf-types.ts';

/** Arrays of arrays deeper than this are refused. */
const NESTING_MAX = 4;

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

export class GgufValues {
  readonly #cursor: GgufCursor;
  readonly #fail: (reason: string) => WaferError;

  constructor(cursor: GgufCursor, fail: (reason: string) => WaferError) {
    this.#cursor = cursor;
    this.#fail = fail;
  }

  /** Reads one value of a type; arrays are passed over, and stay where they are. */
  read(type: number, key: string, depth = 0): GgufValue {
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
        return this.boolean(key);
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

  /** Reads one boolean. */
  boolean(key: string): boolean {
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
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A name as errors show it. */
export function shorten(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
