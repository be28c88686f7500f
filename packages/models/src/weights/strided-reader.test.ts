import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorRole } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { openReader } from './reader.ts';
import type { FileTensor, WeightReader } from '../source/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-strided-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 300;
const COLUMNS = 70;
const HEAD_BYTES = 12;

/** A file of elements that say where they are, and a reader of a tensor in it. */
function open(type: WeightType, tensor: Partial<FileTensor>, elementCount: number): WeightReader {
  const path = join(folder, 'file');
  const size = type === 'f32' ? 4 : 2;
  const bytes = new Uint8Array(HEAD_BYTES + elementCount * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < elementCount; i++) {
    const at = HEAD_BYTES + i * size;
    if (size === 4) view.setUint32(at, i, true);
    else view.setUint16(at, i, true);
  }
  writeFileSync(path, bytes);
  const role = tensorRole({ part: 't' });
  const shape = { name: 't', role, use: 'matrix', type, rows: ROWS, columns: COLUMNS } as const;
  const place = { ...shape, fileIndex: 0, offset: HEAD_BYTES };
  return openReader({ kind: 'files', paths: [path], tensors: { t: { ...place, ...tensor } } });
}

function elements(bytes: Uint8Array, type: WeightType): number[] {
  return [...(type === 'f32' ? new Uint32Array(bytes.buffer) : new Uint16Array(bytes.buffer))];
}

describe.each(['f32', 'bf16'] as const)('a transposed tensor of %s', (type) => {
  const size = type === 'f32' ? 4 : 2;

  test.each([
    ['whole', { row: 0, rowCount: ROWS, column: 0, columnCount: COLUMNS }],
    ['some rows', { row: 7, rowCount: 5, column: 0, columnCount: COLUMNS }],
    ['the last row', { row: ROWS - 1, rowCount: 1, column: 0, columnCount: COLUMNS }],
    ['some columns', { row: 3, rowCount: 4, column: 11, columnCount: 13 }],
    ['nothing', { row: 3, rowCount: 0, column: 11, columnCount: 13 }],
  ])('gives %s as rows', (_, range) => {
    const strides = { rowStride: size, columnStride: ROWS * size };
    const reader = open(type, strides, ROWS * COLUMNS);
    const bytes = new Uint8Array(range.rowCount * range.columnCount * size);
    reader.readRows('t', range, bytes);
    reader.close();
    const expected = Array.from({ length: range.rowCount * range.columnCount }, (_unused, i) => {
      const row = range.row + Math.floor(i / range.columnCount);
      return ((range.column + (i % range.columnCount)) * ROWS + row) & (size === 4 ? -1 : 0xffff);
    });
    expect(elements(bytes, type)).toEqual(expected);
  });

  test('gives every other column of the file, in panels in any order', () => {
    const strides = { rowStride: 2 * size, columnStride: ROWS * 2 * size };
    const odd = { ...strides, offset: HEAD_BYTES + size };
    const reader = open(type, odd, ROWS * 2 * COLUMNS);
    const panels = [0, 32, 64, 96, 128, 160, 192, 32, 224, 256, 0];
    for (const row of panels) {
      const bytes = new Uint8Array(32 * COLUMNS * size);
      reader.readRows('t', { row, rowCount: 32, column: 0, columnCount: COLUMNS }, bytes);
      const expected = Array.from({ length: 32 * COLUMNS }, (_, i) => {
        const column = i % COLUMNS;
        const place = column * ROWS * 2 + (row + Math.floor(i / COLUMNS)) * 2 + 1;
        return place & (size === 4 ? -1 : 0xffff);
      });
      expect(elements(bytes, type), `row ${row}`).toEqual(expected);
    }
    reader.close();
  });
});

test('rows by turns are those of one part, also where the last ends the file', () => {
  const strides = { rows: 50, rowStride: 2 * COLUMNS * 4, offset: HEAD_BYTES + COLUMNS * 4 };
  const reader = open('f32', strides, 100 * COLUMNS);
  for (const range of [
    { row: 0, rowCount: 50, column: 0, columnCount: COLUMNS },
    { row: 48, rowCount: 2, column: 60, columnCount: 10 },
  ]) {
    const bytes = new Uint8Array(range.rowCount * range.columnCount * 4);
    reader.readRows('t', range, bytes);
    const expected = Array.from({ length: range.rowCount * range.columnCount }, (_, i) => {
      const row = range.row + Math.floor(i / range.columnCount);
      return (row * 2 + 1) * COLUMNS + range.column + (i % range.columnCount);
    });
    expect(elements(bytes, 'f32')).toEqual(expected);
  }
  reader.close();
});

test('a vector by turns has every other element', () => {
  const reader = open('f32', { rows: 1, columnStride: 8, offset: HEAD_BYTES + 4 }, 2 * COLUMNS);
  const bytes = new Uint8Array(COLUMNS * 4);
  reader.readRows('t', { row: 0, rowCount: 1, column: 0, columnCount: COLUMNS }, bytes);
  reader.close();
  expect(elements(bytes, 'f32')).toEqual(Array.from({ length: COLUMNS }, (_, i) => 2 * i + 1));
});
