/**
 * Writes an opened model as ONNX in f32: a small model file, and its weights beside it.
 *
 * Matrices are stored [rows = outputs, inputs]; MatMul multiplies with [inputs, outputs], so rows
 * become columns on the way, one weight in memory at a time. A tied embedding is written twice,
 * once as rows to look up and once as the head.
 */
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { assert, dequantizeRow, ropeTable, storedRowBytes } from '@wafer/core';
import type { TensorInfo } from '@wafer/core';
import { openReader } from '@wafer/models';
import type { WeightReader } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { graphOf } from './graph.ts';
import type { GraphWeight } from './graph.ts';
import { modelBytes } from './onnx-file.ts';
import type { OnnxWeight } from './onnx-file.ts';

/** Weights start on pages, so that they can be mapped. */
const PAGE_BYTES = 4096;
/** Rows that are turned at once: a cache line of their new neighbors. */
const BLOCK_ROWS = 16;

/** Writes `path` and `path.data`. Throws: MODEL_UNSUPPORTED. */
export function writeOnnx(model: Model, path: string): void {
  const { nodes, inputs, outputs, weights } = graphOf(model.spec);
  const dataPath = `${path}.data`;
  const written = writeData(model, weights, dataPath);
  const newest = new BigInt64Array([-1n]);
  const bytes = modelBytes({
    nodes,
    inputs,
    outputs,
    weights: written,
    constants: [
      { name: 'newest', element: 'i64', shape: [1], contents: new Uint8Array(newest.buffer) },
    ],
    dataFile: basename(dataPath),
  });
  // The model file comes last: where it is, everything is.
  writeFileSync(`${path}.partial`, bytes);
  renameSync(`${path}.partial`, path);
}

function writeData(model: Model, weights: readonly GraphWeight[], dataPath: string): OnnxWeight[] {
  const reader = openReader(model.source);
  const file = openSync(dataPath, 'w');
  let offset = 0;
  const write = (name: string, shape: number[], values: Float32Array): OnnxWeight => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const start = offset;
    for (let at = 0; at < bytes.length;)
      at += writeSync(file, bytes, at, bytes.length - at, start + at);
    offset = Math.ceil((start + bytes.length) / PAGE_BYTES) * PAGE_BYTES;
    return { name, shape, offset: start, bytes: bytes.length };
  };
  try {
    const written = weights.map((weight) => {
      const { values, shape } = weightValues(model, reader, weight);
      return write(weight.name, shape, values);
    });
    const { cos, sin, shape } = rotaryTables(model);
    return [...written, write('cos', shape, cos), write('sin', shape, sin)];
  } finally {
    closeSync(file);
    reader.close();
  }
}

function weightValues(
  model: Model,
  reader: WeightReader,
  { tensors, kind }: GraphWeight,
): { values: Float32Array; shape: number[] } {
  const infos = tensors.map((name) => {
    const info = model.source.tensors[name];
    assert(info !== undefined, 'the model has the tensor', { name });
    return info;
  });
  const [first] = infos;
  if (kind === 'vector') {
    return { values: reader.readVector(first!.name), shape: [first!.columns] };
  }
  const { columns } = first!;
  const rowCount = infos.reduce((sum, { rows }) => sum + rows, 0);
  const values = new Float32Array(rowCount * columns);
  let row = 0;
  for (const info of infos) {
    for (const block of blocksOf(reader, info)) {
      if (kind === 'rows') values.set(block, row * columns);
      else turn(values, block, { row, rowCount, columns });
      row += block.length / columns;
    }
  }
  return { values, shape: kind === 'rows' ? [rowCount, columns] : [columns, rowCount] };
}

/** Rows of a block become columns from `row` on; neighbors are written together. */
function turn(
  values: Float32Array,
  block: Float32Array,
  { row, rowCount, columns }: { row: number; rowCount: number; columns: number },
): void {
  const count = block.length / columns;
  for (let k = 0; k < columns; k++) {
    for (let r = 0; r < count; r++) values[k * rowCount + row + r] = block[r * columns + k]!;
  }
}

/** Rows of a matrix as f32, some at a time. Shapes: [up to 16, K]. */
function* blocksOf(reader: WeightReader, info: TensorInfo): Generator<Float32Array> {
  const { name, type, rows, columns } = info;
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - row);
    const stored = new Uint8Array(count * storedRowBytes(type, columns));
    reader.readRows(name, { row, rowCount: count, column: 0, columnCount: columns }, stored);
    const matrix = { type, rows: count, columns, stored };
    const values = new Float32Array(count * columns);
    for (let r = 0; r < count; r++) {
      dequantizeRow(values.subarray(r * columns, (r + 1) * columns), matrix, r);
    }
    yield values;
  }
}

/** Cosines and sines of every position. Shapes: [context, headWidth / 2]. */
function rotaryTables({ spec }: Model): { cos: Float32Array; sin: Float32Array; shape: number[] } {
  const half = spec.rope.rotaryWidth / 2;
  const rowOf = ropeTable(spec.rope);
  const cos = new Float32Array(spec.contextMax * half);
  const sin = new Float32Array(spec.contextMax * half);
  for (let position = 0; position < spec.contextMax; position++) {
    const row = rowOf(position);
    for (let i = 0; i < half; i++) {
      cos[position * half + i] = row[2 * i]!;
      sin[position * half + i] = row[2 * i + 1]!;
    }
  }
  return { cos, sin, shape: [spec.contextMax, half] };
}
