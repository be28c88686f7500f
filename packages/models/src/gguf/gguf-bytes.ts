/**
 * The head of a GGUF file as bytes: pairs of metadata, then the list of tensors (version 3).
 */
import { GGUF_MAGIC, GGUF_VALUE } from './gguf-types.ts';

/** A metadata value with its type on disk. */
export type GgufPair =
  | { key: string; type: 'uint16' | 'uint32' | 'int32' | 'float32'; value: number }
  | { key: string; type: 'bool'; value: boolean }
  | { key: string; type: 'string'; value: string }
  | { key: string; type: 'strings'; value: readonly string[] }
  | { key: string; type: 'bools'; value: readonly boolean[] }
  | { key: string; type: 'floats' | 'ints'; value: readonly number[] };

/** One entry of the tensor list. */
export interface GgufTensorEntry {
  name: string;
  dimensions: readonly number[]; // innermost first
  typeNumber: number;
  offset: number; // bytes from the start of data
}

const VERSION = 3;

/** The whole head, without the padding after it. */
export function ggufHead(
  pairs: readonly GgufPair[],
  tensors: readonly GgufTensorEntry[],
): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(GGUF_MAGIC);
  writer.u32(VERSION);
  writer.u64(tensors.length);
  writer.u64(pairs.length);
  for (const pair of pairs) {
    writer.string(pair.key);
    writePair(writer, pair);
  }
  for (const tensor of tensors) {
    writer.string(tensor.name);
    writer.u32(tensor.dimensions.length);
    for (const dimension of tensor.dimensions) writer.u64(dimension);
    writer.u32(tensor.typeNumber);
    writer.u64(tensor.offset);
  }
  return writer.finish();
}

function writePair(writer: ByteWriter, pair: GgufPair): void {
  switch (pair.type) {
    case 'uint16':
      writer.u32(GGUF_VALUE.uint16);
      return writer.u16(pair.value);
    case 'uint32':
    case 'int32':
      writer.u32(GGUF_VALUE[pair.type]);
      return writer.u32(pair.value);
    case 'float32':
      writer.u32(GGUF_VALUE.float32);
      return writer.f32(pair.value);
    case 'bool':
      writer.u32(GGUF_VALUE.bool);
      return writer.u8(pair.value ? 1 : 0);
    case 'string':
      writer.u32(GGUF_VALUE.string);
      return writer.string(pair.value);
    case 'strings':
      writer.array(GGUF_VALUE.string, pair.value.length);
      return pair.value.forEach((text) => writer.string(text));
    case 'bools':
      writer.array(GGUF_VALUE.bool, pair.value.length);
      return pair.value.forEach((flag) => writer.u8(flag ? 1 : 0));
    case 'floats':
      writer.array(GGUF_VALUE.float32, pair.value.length);
      return pair.value.forEach((number) => writer.f32(number));
    case 'ints':
      writer.array(GGUF_VALUE.int32, pair.value.length);
      return pair.value.forEach((number) => writer.u32(number));
  }
}

/** Appends little-endian values to bytes that double when they are full. */
class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(65_536);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  f32(value: number): void {
    const at = this.#take(4);
    this.#view.setFloat32(at, value, true);
  }

  u64(value: number): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  string(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.u64(bytes.length);
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  array(itemType: number, count: number): void {
    this.u32(GGUF_VALUE.array);
    this.u32(itemType);
    this.u64(count);
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
