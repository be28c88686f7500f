/**
 * A cursor over the head of a GGUF file that reads on as it goes.
 *
 * Every read is checked against the end of the file and a limit on the head before anything is
 * allocated, so a count that lies costs nothing. Lengths and offsets of 64 bits must be safe
 * integers. Text that is no UTF-8 gets replacement characters.
 */
import type { WaferError } from '@wafer/core';
import { readFully, type OpenFile } from '../source/files.ts';

/** Longest head: metadata and tensor list; a 256k vocabulary with merges takes about 16 MB. */
export const GGUF_HEAD_BYTES_MAX: number = 64 * 1024 * 1024;

/** The first read; the window doubles from there. */
const FIRST_BYTES = 256 * 1024;

export class GgufCursor {
  offset = 0;
  readonly #file: OpenFile;
  readonly #fail: (reason: string) => WaferError;
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  constructor(file: OpenFile, fail: (reason: string) => WaferError) {
    this.#file = file;
    this.#fail = fail;
    this.#limit = Math.min(file.byteCount, GGUF_HEAD_BYTES_MAX);
  }

  /** Bytes from here to the end of the file. */
  get remainingBytes(): number {
    return this.#file.byteCount - this.offset;
  }

  /** Stops unless `count` items of at least `itemBytes` fit before the end of the file. */
  checkCount(what: string, count: number, itemBytes: number): void {
    if (count <= this.remainingBytes / itemBytes) return;
    throw this.#fail(`${count} ${what} do not fit in its ${this.#file.byteCount} bytes`);
  }

  skip(byteCount: number): void {
    if (byteCount > this.remainingBytes) throw this.#fail('its head ends early');
    this.offset += byteCount;
  }

  u8(): number {
    const start = this.#take(1); // may replace the view
    return this.#view.getUint8(start);
  }

  i8(): number {
    const start = this.#take(1); // may replace the view
    return this.#view.getInt8(start);
  }

  u16(): number {
    const start = this.#take(2); // may replace the view
    return this.#view.getUint16(start, true);
  }

  i16(): number {
    const start = this.#take(2); // may replace the view
    return this.#view.getInt16(start, true);
  }

  u32(): number {
    const start = this.#take(4); // may replace the view
    return this.#view.getUint32(start, true);
  }

  i32(): number {
    const start = this.#take(4); // may replace the view
    return this.#view.getInt32(start, true);
  }

  f32(): number {
    const start = this.#take(4); // may replace the view
    return this.#view.getFloat32(start, true);
  }

  f64(): number {
    const start = this.#take(8); // may replace the view
    return this.#view.getFloat64(start, true);
  }

  i64(): bigint {
    const start = this.#take(8); // may replace the view
    return this.#view.getBigInt64(start, true);
  }

  u64(): bigint {
    const start = this.#take(8); // may replace the view
    return this.#view.getBigUint64(start, true);
  }

  /** A length, count or offset: 64 bits, at most 2^53 - 1. */
  size(what: string): number {
    const low = this.u32();
    const high = this.u32();
    const value = high * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) throw this.#fail(`${what} is about ${value}`);
    return value;
  }

  string(what: string): string {
    const length = this.#textLength(what);
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** Passes over a string without decoding it. */
  skipString(what: string): void {
    const length = this.#textLength(what);
    this.offset += length;
  }

  /** Bytes of a text; what a refusal says is put together only then: vocabularies are long. */
  #textLength(what: string): number {
    const length = this.u32() + this.u32() * 2 ** 32;
    if (length <= this.remainingBytes) return length;
    this.offset -= 8;
    this.checkCount(`bytes of ${what}`, this.size(`the length of ${what}`), 1);
    return length;
  }

  /** Makes `length` bytes readable and returns where they start. */
  #take(length: number): number {
    const start = this.offset;
    const end = start + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.offset = end;
    return start;
  }

  #grow(end: number): void {
    if (end > this.#limit) {
      const isCut = this.#limit === this.#file.byteCount;
      throw this.#fail(isCut ? 'its head ends early' : `its head is over ${this.#limit} bytes`);
    }
    const known = this.#bytes;
    const grown = Buffer.alloc(Math.min(this.#limit, Math.max(end, known.length * 2, FIRST_BYTES)));
    grown.set(known);
    readFully(this.#file, known.length, grown.subarray(known.length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }
}
