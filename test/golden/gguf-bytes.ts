/**
 * A GGUF file (version 3) as bytes, without the product's writer: metadata and f32 tensors.
 *
 *     magic, version, counts | key, type, value … | name, dimensions, type, offset … | data
 *
 * Source: ggml, docs/gguf.md.
 */
import type { Vector } from './double-math.ts';

export type GgufValue =
  | { kind: 'count'; value: number }
  | { kind: 'real'; value: number }
  | { kind: 'flag'; value: boolean }
  | { kind: 'text'; value: string }
  | { kind: 'texts'; value: readonly string[] }
  | { kind: 'counts'; value: readonly number[] };

export interface GgufTensor {
  name: string;
  /** Innermost first: columns, rows, experts. */
  dimensions: readonly number[];
  /** Number of the type in ggml. */
  type: number;
  bytes: Uint8Array;
}

const ALIGNMENT = 32;
const TYPE_NUMBERS = { count: 4, real: 6, flag: 7, text: 8, array: 9, int: 5 } as const;
export const GGML_F32 = 0;

/** A tensor of matrices or vectors in a row, as f32. */
export function f32Tensor(
  name: string,
  dimensions: readonly number[],
  rows: readonly Vector[],
): GgufTensor {
  const values = Float32Array.from(rows.flatMap((row) => Array.from(row)));
  return { name, dimensions, type: GGML_F32, bytes: new Uint8Array(values.buffer) };
}

/** The bytes of a file. */
export function ggufBytes(
  pairs: readonly (readonly [string, GgufValue])[],
  tensors: readonly GgufTensor[],
): Uint8Array {
  const head = new Writer();
  head.raw(new TextEncoder().encode('GGUF'));
  head.uint32(3);
  head.uint64(tensors.length);
  head.uint64(pairs.length);
  for (const [key, value] of pairs) {
    head.text(key);
    head.value(value);
  }
  let offset = 0;
  for (const { name, dimensions, type, bytes } of tensors) {
    head.text(name);
    head.uint32(dimensions.length);
    for (const size of dimensions) head.uint64(size);
    head.uint32(type);
    head.uint64(offset);
    offset += aligned(bytes.length);
  }
  head.pad();
  for (const { bytes } of tensors) {
    head.raw(bytes);
    head.pad();
  }
  return head.bytes();
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  uint32(value: number): void {
    this.raw(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.raw(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(bytes.length);
    this.raw(bytes);
  }

  value(value: GgufValue): void {
    switch (value.kind) {
      case 'count':
        this.uint32(TYPE_NUMBERS.count);
        return this.uint32(value.value);
      case 'real':
        this.uint32(TYPE_NUMBERS.real);
        return this.raw(new Uint8Array(Float32Array.of(value.value).buffer));
      case 'flag':
        this.uint32(TYPE_NUMBERS.flag);
        return this.raw(Uint8Array.of(value.value ? 1 : 0));
      case 'text':
        this.uint32(TYPE_NUMBERS.text);
        return this.text(value.value);
      case 'texts':
        this.#array(TYPE_NUMBERS.text, value.value.length);
        return value.value.forEach((each) => this.text(each));
      case 'counts':
        this.#array(TYPE_NUMBERS.int, value.value.length);
        return value.value.forEach((each) => this.uint32(each));
    }
  }

  pad(): void {
    this.raw(new Uint8Array(aligned(this.#length) - this.#length));
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  #array(type: number, count: number): void {
    this.uint32(TYPE_NUMBERS.array);
    this.uint32(type);
    this.uint64(count);
  }
}
