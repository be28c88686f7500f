import { fstatSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedRowBytes, tensorRole, WaferError, type WeightType } from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { openReader } from './reader.ts';
import type { SourceDescription } from '../source/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-reader-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OFFSET = 96;

/** One tensor of numbered bytes in a file of its own. */
function describeFile(
  type: WeightType,
  shape: { rows: number; columns: number },
): { description: SourceDescription; path: string; bytes: Uint8Array } {
  const { rows, columns } = shape;
  const path = join(folder, `${type}-${rows}-${columns}`);
  const bytes = new Uint8Array(OFFSET + rows * storedRowBytes(type, columns));
  // Spans of a power of two bytes differ.
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7) % 251;
  writeFileSync(path, bytes);
  const own = { name: 'm', role: tensorRole({ part: 'm' }), use: 'matrix' } as const;
  const tensor = { ...own, type, rows, columns, fileIndex: 0, offset: OFFSET };
  return { description: { kind: 'files', paths: [path], tensors: { m: tensor } }, path, bytes };
}

const SHAPES: [WeightType, number, number][] = [
  ['f32', 50, 96],
  ['bf16', 7, 64],
  ['q8_0', 40, 128],
  ['q4_0', 3, 64],
  // Rows of 512 KiB: more spans than one.
  ['f32', 9, 131_072],
];

test.each(SHAPES)('%s: every range is the bytes of the file (%i x %i)', (type, rows, columns) => {
  const { description, bytes } = describeFile(type, { rows, columns });
  const reader = openReader(description);
  const rowBytes = storedRowBytes(type, columns);
  const ranges = [
    { row: 0, rowCount: rows, column: 0, columnCount: columns },
    { row: 1, rowCount: rows - 1, column: 32, columnCount: 32 },
    { row: rows - 1, rowCount: 1, column: columns - 32, columnCount: 32 },
    { row: 2, rowCount: 0, column: 0, columnCount: columns },
  ];
  for (const range of ranges) {
    const length = storedRowBytes(type, range.columnCount);
    // A view into shared memory that starts at an odd byte, with guards around it.
    const memory = new Uint8Array(new SharedArrayBuffer(range.rowCount * length + 6)).fill(0xee);
    reader.readRows('m', range, memory.subarray(3, memory.length - 3));
    for (let i = 0; i < range.rowCount; i++) {
      const start = OFFSET + (range.row + i) * rowBytes + storedRowBytes(type, range.column);
      const wanted = Buffer.from(bytes.subarray(start, start + length));
      const found = Buffer.from(memory.subarray(3 + i * length, 3 + (i + 1) * length));
      expect(found.equals(wanted)).toBe(true);
    }
    expect([...memory.subarray(0, 3), ...memory.subarray(memory.length - 3)]).toEqual(
      Array.from({ length: 6 }, () => 0xee),
    );
  }
  reader.close();
});

describe('a vector', () => {
  const cases: [WeightType, number[]][] = [
    ['f32', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]],
    ['f16', [0, 0x3e, 0, 0xc0]],
    ['bf16', [0xc0, 0x3f, 0, 0xc0]],
  ];
  const vectorOf = (type: WeightType, bytes: number[]): SourceDescription => {
    const path = join(folder, `vector-${type}`);
    writeFileSync(path, Uint8Array.from(bytes));
    const own = { name: 'v', role: tensorRole({ part: 'v' }), use: 'vector' } as const;
    const v = { ...own, type, rows: 1, columns: 2, fileIndex: 0, offset: 0 };
    return { kind: 'files', paths: [path], tensors: { v } };
  };

  test.each(cases)('of %s becomes f32', (type, bytes) => {
    const reader = openReader(vectorOf(type, bytes));
    expect([...reader.readVector('v')]).toEqual([1.5, -2]);
    reader.close();
  });

  test('that is not finite is refused by its name', () => {
    const reader = openReader(vectorOf('bf16', [0x80, 0x7f, 0, 0]));
    expect(() => reader.readVector('v')).toThrow(/^TENSOR_NOT_FINITE: tensor v /);
    reader.close();
  });
});

test('a file that became shorter is refused where it ends', () => {
  const { description, path, bytes } = describeFile('f32', { rows: 4, columns: 32 });
  const reader = openReader(description);
  truncateSync(path, bytes.length - 1);
  const read = (): void =>
    reader.readRows('m', { row: 3, rowCount: 1, column: 0, columnCount: 32 }, new Uint8Array(128));
  expect(read).toThrow(WaferError);
  expect(read).toThrow(new RegExp(`^MODEL_UNREADABLE.*ends at byte ${bytes.length - 1}`));
  reader.close();
});

test('a reader that is closed holds no file', () => {
  const { description, path } = describeFile('f32', { rows: 3, columns: 32 });
  const { ino } = statSync(path);
  const holders = (): number => {
    let count = 0;
    for (let file = 0; file < 256; file++) {
      try {
        if (fstatSync(file).ino === ino) count++;
      } catch {
        // No open file has this number.
      }
    }
    return count;
  };
  const reader = openReader(description);
  expect(holders()).toBe(1);
  reader.close();
  expect(holders()).toBe(0);
});

test('a file that is gone is refused when the reader opens', () => {
  const { description, path } = describeFile('f32', { rows: 2, columns: 32 });
  rmSync(path);
  expect(() => openReader(description)).toThrow(/^MODEL_UNREADABLE.*no such file/);
});

test('ranges outside the tensor, cut blocks and small targets are bugs', () => {
  const reader = openReader(describeFile('q8_0', { rows: 2, columns: 64 }).description);
  const whole = { row: 0, rowCount: 2, column: 0, columnCount: 64 };
  const read =
    (changes: Partial<typeof whole>, bytes = 1000): (() => void) =>
    () =>
      reader.readRows('m', { ...whole, ...changes }, new Uint8Array(bytes));
  expect(read({ row: 1 })).toThrow(/lies inside/);
  expect(read({ column: 32 })).toThrow(/lies inside/);
  expect(read({ column: 16, columnCount: 32 })).toThrow(/whole blocks/);
  expect(read({}, 135)).toThrow(/fit their target/);
  reader.close();
});
