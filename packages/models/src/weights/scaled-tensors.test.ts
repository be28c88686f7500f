import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dequantizeRow, storedRowBytes } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel } from '../open/open-model.ts';
import { openReader } from './reader.ts';
import type { Model } from '../source/source.ts';
import { FAMILY_SPECS } from '../synthetic/synthetic-families.ts';
import { SYNTHETIC_SPECS, syntheticModel } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';

interface Tensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const TINY = SYNTHETIC_SPECS['tiny'] as ModelSpec;
const WIDTH = 256;
const SPEC: ModelSpec = {
  ...TINY,
  modelWidth: WIDTH,
  layerCount: 1,
  headCount: 8,
  kvHeadCount: 2,
  headWidth: 32,
  ffnWidth: 384,
  rope: { ...TINY.rope, rotaryWidth: 32 },
};
const GATE = 'model.layers.0.mlp.gate_proj.weight';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wafer-scaled-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The tensors of a folder's one file. */
function readTensors(path: string): Record<string, Tensor> {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<string, Entry>;
  const data = new Uint8Array(file.subarray(8 + length));
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return Object.fromEntries(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        return [name, { dtype, shape, bytes: data.slice(start, end) }];
      },
    ),
  );
}

function writeTensors(path: string, tensors: Record<string, Tensor>): void {
  let end = 0;
  const header = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const start = end;
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [start, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const parts = Object.values(tensors).map(({ bytes }) => bytes);
  writeFileSync(path, Buffer.concat([length, text, ...parts]));
}

/** A folder of a spec whose tensors were changed. */
async function folderWith(
  name: string,
  spec: ModelSpec,
  change: (tensors: Record<string, Tensor>) => void,
): Promise<Model> {
  const path = join(folder, name);
  const model = syntheticModel({ name, spec, type: 'f32', seed: 3 });
  writeModel({ model, format: 'safetensors', path, isForced: true });
  const tensors = readTensors(join(path, 'model.safetensors'));
  change(tensors);
  writeTensors(join(path, 'model.safetensors'), tensors);
  return await openModel(path);
}

/** All of a tensor as f32, read by ranges of `step` rows and `width` columns. */
function values(model: Model, name: string, step: number, width: number): Float32Array {
  const { type, rows, columns } = model.source.tensors[name]!;
  const reader = openReader(model.source);
  const all = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column += width) {
    for (let row = 0; row < rows; row += step) {
      const rowCount = Math.min(step, rows - row);
      const stored = new Uint8Array(rowCount * storedRowBytes(type, width));
      reader.readRows(name, { row, rowCount, column, columnCount: width }, stored);
      for (let i = 0; i < rowCount; i++) {
        const start = (row + i) * columns + column;
        const line = all.subarray(start, start + width);
        dequantizeRow(line, { type, rows: rowCount, columns: width, stored }, i);
      }
    }
  }
  reader.close();
  return all;
}

/** A matrix by its elements. */
function matrixOf(
  rows: number,
  columns: number,
  at: (row: number, k: number) => number,
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    return at(Math.floor(i / columns), i % columns);
  });
}

/** Whether two rows of numbers are the same bits. */
function areEqual(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

function bytesOf(count: number, seed: number): Uint8Array {
  let state = seed;
  // Bits 16 to 23 of a linear congruential generator, without bytes that are no numbers.
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const byte = (state >>> 16) & 255;
    return (byte & 0x7f) === 0x7f ? 0x12 : byte;
  });
}

function e4m3(byte: number): number {
  const [exponent, mantissa] = [(byte >> 3) & 15, byte & 7];
  const magnitude = exponent === 0 ? mantissa / 512 : (8 + mantissa) * 2 ** (exponent - 10);
  return byte < 128 ? magnitude : -magnitude;
}

const SQUARES = [3, 2]; // of 384 × 256
const GRIDS = [
  {
    suffix: '_scale_inv',
    shape: SQUARES,
    at: (row: number, k: number) => 2 * (row >> 7) + (k >> 7),
  },
  { suffix: '_scale', shape: [384, 1], at: (row: number) => row },
  { suffix: '_scale', shape: [384], at: (row: number) => row },
  { suffix: '_scale', shape: [], at: () => 0 },
];

test.each(GRIDS)('8-bit floats meet their scales $shape', async ({ suffix, shape, at }) => {
  const numbers = bytesOf(384 * WIDTH, 7);
  const count = shape.reduce((product, size) => product * size, 1);
  const scales = Float32Array.from({ length: count }, (_, i) => (i + 1) / 1024);
  const model = await folderWith('eights', SPEC, (tensors) => {
    tensors[GATE] = { dtype: 'F8_E4M3', shape: [384, WIDTH], bytes: numbers };
    tensors[GATE + suffix] = { dtype: 'F32', shape, bytes: new Uint8Array(scales.buffer) };
  });
  const expected = matrixOf(384, WIDTH, (row, k) => {
    return e4m3(numbers[row * WIDTH + k]!) * scales[at(row, k)]!;
  });
  expect(model.source.tensors['layers.0.gate']!.type).toBe('f8_e4m3');
  expect(areEqual(values(model, 'layers.0.gate', 384, WIDTH), expected)).toBe(true);
  expect(areEqual(values(model, 'layers.0.gate', 50, 128), expected)).toBe(true);
});

test('experts of a folder in MXFP4 are read by turns, with neighbors in a byte', async () => {
  const spec = FAMILY_SPECS['gpt-oss'];
  const { expertCount, expertWidth } = spec.experts!;
  const perRow = spec.modelWidth / 32;
  const fileRows = 2 * expertWidth;
  const prefix = 'model.layers.1.mlp.experts.gate_up_proj';
  const blocks = bytesOf(expertCount * fileRows * perRow * 16, 5);
  const exponents = bytesOf(expertCount * fileRows * perRow, 6).map((byte) => 100 + (byte & 31));
  const model = await folderWith('experts', spec, (tensors) => {
    delete tensors[prefix];
    const shape = [expertCount, fileRows, perRow];
    tensors[`${prefix}_blocks`] = { dtype: 'U8', shape: [...shape, 16], bytes: blocks };
    tensors[`${prefix}_scales`] = { dtype: 'U8', shape, bytes: exponents };
  });
  const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  for (const [part, name] of [[0, 'gate'] as const, [1, 'up'] as const]) {
    const expert = expertCount - 1;
    const expected = matrixOf(expertWidth, spec.modelWidth, (row, k) => {
      const block = (expert * fileRows + 2 * row + part) * perRow + (k >> 5);
      const bits = (blocks[block * 16 + ((k & 31) >> 1)]! >> (4 * (k & 1))) & 15;
      const magnitude = e2m1[bits & 7]! * 2 ** (exponents[block]! - 127);
      return bits < 8 ? magnitude : 0 - magnitude;
    });
    const tensor = `layers.1.experts.${expert}.${name}`;
    expect(model.source.tensors[tensor]!.type).toBe('mxfp4');
    expect(areEqual(values(model, tensor, 17, 32), expected)).toBe(true);
  }
});

test.each([
  ['TENSOR_MISSING', undefined],
  ['TENSOR_SHAPE', { dtype: 'F32', shape: [3, 3], bytes: new Uint8Array(36) }],
  ['TENSOR_TYPE', { dtype: 'I32', shape: [], bytes: new Uint8Array(4) }],
] as const)('8-bit floats without sound scales are refused: %s', async (code, scale) => {
  const opened = folderWith('refused', SPEC, (tensors) => {
    const bytes = new Uint8Array(384 * WIDTH);
    tensors[GATE] = { dtype: 'F8_E5M2', shape: [384, WIDTH], bytes };
    if (scale) tensors[`${GATE}_scale`] = { ...scale, shape: [...scale.shape] };
  });
  await expect(opened).rejects.toThrow(code);
});

test('columns that are no whole blocks are refused', async () => {
  const spec = { ...SPEC, ffnWidth: 96 };
  const opened = folderWith('columns', spec, (tensors) => {
    const name = 'model.layers.0.mlp.down_proj.weight';
    tensors[name] = { dtype: 'F8_E4M3', shape: [WIDTH, 96], bytes: new Uint8Array(WIDTH * 96) };
    tensors[`${name}_scale`] = { dtype: 'F32', shape: [], bytes: new Uint8Array(4) };
  });
  await expect(opened).rejects.toThrow('a multiple of 128 columns for f8_e4m3');
});
