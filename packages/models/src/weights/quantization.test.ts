import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedRowBytes } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { openModel } from '../open/open-model.ts';
import { LOAD_TYPES, requantize, sumErrors } from './quantization.ts';
import { openReader } from './reader.ts';
import type { Model } from '../source/source.ts';
import { SYNTHETIC_SPECS, syntheticModel } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-quantization-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TINY = SYNTHETIC_SPECS['tiny']!;
const make = (type: WeightType, ffnWidth = TINY.ffnWidth): Model =>
  syntheticModel({ name: 'tiny', spec: { ...TINY, ffnWidth }, type, seed: 3 });

/** Rows [5, 5 + 20) of a matrix, and columns from `column` on. */
function rowsOf(model: Model, name: string, column = 0): Uint8Array {
  const { type, columns } = model.source.tensors[name]!;
  const range = { row: 5, rowCount: 20, column, columnCount: columns - column };
  const target = new Uint8Array(20 * storedRowBytes(type, range.columnCount));
  const reader = openReader(model.source);
  reader.readRows(name, range, target);
  reader.close();
  return target;
}

describe.each(LOAD_TYPES)('%s', (dtype) => {
  test.each(['f32', 'f16', 'bf16'] as const)('of %s has the bits of a file of it', async (type) => {
    const paths = ['stored', 'written'].map((name) =>
      join(folder, `${name}-${type}-${dtype}.gguf`),
    );
    const [stored = '', written = ''] = paths;
    writeModel({ model: make(type), format: 'gguf', path: stored });
    writeModel({ model: make(type), format: 'gguf', path: written, type: dtype });
    const model = requantize(await openModel(stored), dtype);
    const file = await openModel(written);
    const types = (of: Model): string[] =>
      Object.values(of.source.tensors).map((each) => each.type);
    expect(types(model)).toEqual(types(file));
    for (const name of ['embed', 'layers.1.k', 'layers.0.down']) {
      expect(rowsOf(model, name)).toEqual(rowsOf(file, name));
      expect(rowsOf(model, name, 32)).toEqual(rowsOf(file, name, 32));
    }
  });

  test('leaves what does not fit its blocks as it is stored, and names it', () => {
    const { requantized, source } = requantize(make('f16', 72), dtype);
    const reason = 'its 72 columns are no whole blocks of 32';
    const kept = [0, 1].map((layer) => ({ tensor: `layers.${layer}.down`, type: 'f16', reason }));
    expect(requantized).toEqual({ type: dtype, kept });
    expect(source.tensors['layers.0.down']?.type).toBe('f16');
    expect(source.tensors['layers.0.gate']?.type).toBe(dtype);
    expect(source.tensors['norm']?.type).toBe('f32');
  });

  test('has a loss that its rows show', () => {
    const model = requantize(make('f32'), dtype);
    const reader = openReader(model.source);
    const range = { row: 0, rowCount: 8, column: 0, columnCount: 64 };
    reader.readRows('layers.0.q', range, new Uint8Array(8 * 68));
    const { errorSquares, squares } = reader.takeLoss()!;
    // Uniform values: a step of 1/127 or 1/8 of the largest, and an error of step/√12.
    const relative = Math.sqrt(errorSquares / squares);
    const expected = Math.sqrt(3 / 12) / (dtype === 'q8_0' ? 127 : 8);
    expect(relative / expected).toBeGreaterThan(0.8);
    expect(relative / expected).toBeLessThan(1.1);
    expect(reader.takeLoss()).toBeUndefined();
  });
});

test('blocks stay blocks, and asking twice for a type changes nothing', () => {
  const blocks = requantize(make('q8_0'), 'q4_0');
  expect(blocks.source.tensors['embed']?.type).toBe('q8_0');
  expect(blocks.requantized?.kept).toHaveLength(15);
  const once = requantize(make('f32'), 'q4_0');
  expect(requantize(once, 'q4_0')).toBe(once);
  expect(requantize(once, 'q8_0').source).toEqual(requantize(make('f32'), 'q8_0').source);
});

test('a type that is none is refused', () => {
  const type = 'q5_1' as unknown as 'q8_0';
  expect(() => requantize(make('f32'), type)).toThrow(/^PLAN_OPTION: option dtype is q5_1/);
});

test('errors add up in one order, and shards that lie on two tiles count once', () => {
  const shard = { row: 0, rowCount: 1, column: 0, columnCount: 32 };
  const a = { ...shard, tensor: 'a', errorSquares: 1, squares: 100 };
  const b = { ...shard, tensor: 'b', errorSquares: 3, squares: 100 };
  const asked = { type: 'q8_0', kept: [] } as const;
  expect(sumErrors(asked, [a, b, a])).toEqual(sumErrors(asked, [b, a]));
  expect(sumErrors(asked, [b, a])).toEqual({
    ...asked,
    tensorCount: 2,
    relativeRmsError: Math.sqrt(0.02),
    worst: { tensor: 'b', relativeRmsError: Math.sqrt(0.03) },
  });
  expect(sumErrors(asked, [])).toMatchObject({ tensorCount: 0, relativeRmsError: 0 });
});
