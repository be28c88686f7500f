/**
 * Writes a low-rank adapter: a folder as PEFT's, or a GGUF file as llama.cpp's.
 */
import { join } from 'node:path';
import { tensorShapes, WaferError } from '@wafer/core';
import type { ModelSpec, TensorShape } from '@wafer/core';
import { familyOf } from '../families/families.ts';
import { placeOf } from '../families/tensor-places.ts';
import { ADAPTER_CONFIG } from '../open/folder-kinds.ts';
import { rowOrder } from '../write/convert-rows.ts';
import type { FileOutput } from '../write/file-layout.ts';
import { makeFolder } from '../source/make-folder.ts';
import { writeJson } from '../write/output-file.ts';
import { writePart } from '../write/write-gguf.ts';
import { writeShard } from '../write/write-safetensors.ts';
import { ggufAdapterNames } from './gguf-adapter.ts';
import type { OpenAdapter } from './open-adapter.ts';
import { readChanges } from './open-adapter.ts';
import { ADAPTER_TENSORS, peftNames } from './peft-file.ts';

/** A and B of a matrix, rows in the model's order. */
export interface WrittenChange {
  a: Float32Array; // [rank, columns]
  b: Float32Array; // [rows, rank]
}

export interface AdapterOutput {
  spec: ModelSpec;
  /** What its base is called. */
  base: string;
  rank: number;
  /** B A counts alpha / rank. */
  alpha: number;
  /** What training left out. Default: 0. */
  dropout?: number | undefined;
  /** By canonical name of the matrix. */
  changes: ReadonlyMap<string, WrittenChange>;
}

/** Writes a folder that PEFT reads. Throws: OUTPUT_FAILED. */
export function writePeft(folder: string, output: AdapterOutput): void {
  const { spec, base, rank, alpha, dropout = 0 } = output;
  const { names, layout } = familyOf(spec).hf;
  const tensors = tensorsOf(output, { names, layout, partsOf: peftNames });
  const modules = tensors.map(({ name }) => name.split('.').at(-3)!);
  makeFolder(folder);
  writeShard(join(folder, ADAPTER_TENSORS), tensors);
  writeJson(join(folder, ADAPTER_CONFIG), {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    target_modules: [...new Set(modules)],
  });
}

/** Writes a file that llama.cpp reads. Throws: OUTPUT_FAILED. */
export function writeGgufAdapter(path: string, output: AdapterOutput): void {
  const { spec, base, alpha } = output;
  const { architecture, names, layout } = familyOf(spec).gguf;
  const tensors = tensorsOf(output, { names, layout, partsOf: ggufAdapterNames });
  const pairs = [
    { key: 'general.type', type: 'string', value: 'adapter' },
    { key: 'general.architecture', type: 'string', value: architecture },
    { key: 'general.name', type: 'string', value: `adapter of ${base}` },
    { key: 'adapter.type', type: 'string', value: 'lora' },
    { key: 'adapter.lora.alpha', type: 'float32', value: alpha },
  ] as const;
  writePart(path, pairs, tensors);
}

/** What an adapter was opened as, to be written. Throws: MODEL_KIND, TENSOR_NOT_FINITE. */
export function adapterOutput(adapter: OpenAdapter, spec: ModelSpec, base: string): AdapterOutput {
  const changes = new Map(readChanges(adapter));
  const [first] = changes.values();
  const { rank = 1, scale = 1 } = first ?? {};
  for (const [name, other] of changes) {
    if (other.rank === rank && other.scale === scale) continue;
    const what = `changes ${name} with rank ${other.rank}, others with ${rank}`;
    const hint = 'write it with one rank and one alpha';
    throw new WaferError('MODEL_KIND', { path: adapter.path, what, hint });
  }
  return { spec, base, rank, alpha: scale * rank, changes };
}

interface Naming {
  names: Parameters<typeof placeOf>[0];
  layout: ModelSpec['rope']['layout'];
  partsOf(tensor: string): { a: string; b: string };
}

/** Throws: MODEL_KIND. */
function tensorsOf({ spec, rank, changes }: AdapterOutput, naming: Naming): FileOutput[] {
  const stacks = new Map<string, Stack>();
  const tensors = tensorShapes(spec).flatMap((shape) => {
    const change = changes.get(shape.name);
    const place = placeOf(naming.names, shape.role);
    if (change === undefined || place === undefined) return [];
    if (place.fusion || place.isTransposed) {
      const what = `would change ${place.tensor}, several matrices in one`;
      throw new WaferError('MODEL_KIND', { path: shape.name, what, hint: 'write a GGUF file' });
    }
    const names = naming.partsOf(place.tensor);
    const order = rowOrder(spec, shape, naming.layout);
    const b = orderedRows(change.b, { shape, rank, order });
    if (place.isStacked) {
      const stack = stacks.get(place.tensor) ?? { shape, names, parts: new Map() };
      stacks.set(place.tensor, stack);
      stack.parts.set(place.expert, { a: change.a, b });
      return [];
    }
    return [
      matrixOf(names.a, [rank, shape.columns], change.a),
      matrixOf(names.b, [shape.rows, rank], b),
    ];
  });
  const experts = spec.experts?.expertCount ?? 0;
  const stacked = [...stacks.values()].flatMap((stack) => stackOf(stack, rank, experts));
  return [...tensors, ...stacked];
}

/** One matrix of each expert. */
interface Stack {
  shape: TensorShape;
  names: { a: string; b: string };
  parts: Map<number, WrittenChange>;
}

/** Experts without a change have one of zeros. */
function stackOf({ shape, names, parts }: Stack, rank: number, experts: number): FileOutput[] {
  const { rows, columns } = shape;
  const [a, b] = [rank * columns, rows * rank].map((size) => new Float32Array(experts * size));
  for (const [expert, part] of parts) {
    a!.set(part.a, expert * part.a.length);
    b!.set(part.b, expert * part.b.length);
  }
  return [
    matrixOf(names.a, [experts, rank, columns], a!),
    matrixOf(names.b, [experts, rows, rank], b!),
  ];
}

function orderedRows(
  rows: Float32Array,
  use: { shape: TensorShape; rank: number; order: ((row: number) => number) | undefined },
): Float32Array {
  const { shape, rank, order } = use;
  if (order === undefined) return rows;
  const ordered = new Float32Array(rows.length);
  for (let row = 0; row < shape.rows; row++) {
    const from = order(row) * rank;
    ordered.set(rows.subarray(from, from + rank), row * rank);
  }
  return ordered;
}

function matrixOf(name: string, shape: number[], values: Float32Array): FileOutput {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, type: 'f32', shape, bytes: bytes.length, writeTo: (write) => write(bytes) };
}
