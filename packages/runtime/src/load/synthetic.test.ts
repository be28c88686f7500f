import {
  dequantizeRow,
  storedRowBytes,
  WaferError,
  WEIGHT_TYPES,
  type TensorInfo,
  type WeightType,
} from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { openReader } from './reader.ts';
import { openSynthetic, SYNTHETIC_SPECS, syntheticModel } from './synthetic.ts';

const TYPES = Object.keys(WEIGHT_TYPES) as WeightType[];

function tiny(type: WeightType, seed: number): ReturnType<typeof openReader> {
  return openReader(openSynthetic(`synthetic:tiny:${type}:${seed}`).source);
}

function rows(
  type: WeightType,
  range: { row: number; rowCount: number; column: number; columnCount: number },
  from: { seed?: number; tensor?: string } = {},
): Uint8Array {
  const bytes = new Uint8Array(range.rowCount * storedRowBytes(type, range.columnCount));
  tiny(type, from.seed ?? 1).readRows(from.tensor ?? 'layers.0.gate', range, bytes);
  return bytes;
}

const WHOLE = { row: 0, rowCount: 96, column: 0, columnCount: 64 };

describe.each(TYPES)('synthetic %s weights', (type) => {
  test('are the same whatever range is read', () => {
    const whole = rows(type, WHOLE);
    const rowBytes = storedRowBytes(type, 64);
    const half = storedRowBytes(type, 32);
    const block = rows(type, { row: 5, rowCount: 3, column: 32, columnCount: 32 });
    for (let i = 0; i < 3; i++) {
      const start = (5 + i) * rowBytes + half;
      expect(block.subarray(i * half, (i + 1) * half)).toEqual(whole.subarray(start, start + half));
    }
  });

  test('change with the seed and the tensor', () => {
    const whole = rows(type, WHOLE);
    expect(rows(type, WHOLE)).toEqual(whole);
    expect(rows(type, WHOLE, { seed: 2 })).not.toEqual(whole);
    expect(rows(type, WHOLE, { tensor: 'layers.0.up' })).not.toEqual(whole);
    expect(rows(type, WHOLE, { tensor: 'layers.1.gate' })).not.toEqual(whole);
  });

  test('have mean 0 and deviation 1 / √columns', () => {
    const stored = rows(type, WHOLE);
    const matrix: TensorInfo & { stored: Uint8Array } = {
      name: 'gate',
      type,
      rows: 96,
      columns: 64,
      stored,
    };
    const row = new Float32Array(64);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 96; i++) {
      dequantizeRow(row, matrix, i);
      for (const value of row) {
        sum += value;
        squares += value * value;
      }
    }
    // 6,144 values: the mean's own deviation is 0.0016; nibbles from -8 to 7 lean by -0.5 · scale.
    const scale = type === 'q4_0' ? 0.5 / 4.61 / 8 : 0;
    expect(Math.abs(sum / 6144 + scale)).toBeLessThan(0.008);
    expect(Math.sqrt(squares / 6144) * 8).toBeCloseTo(1, 1);
  });

  test('have norms near 1 in f32', () => {
    const norm = tiny(type, 1).readVector('norm');
    expect(norm).toHaveLength(64);
    expect(norm.every((gain) => gain > 0.75 && gain < 1.25)).toBe(true);
    expect(new Set(norm).size).toBeGreaterThan(60);
  });
});

test('the name gives shape, type and seed', () => {
  const model = openSynthetic('synthetic:1b:q8_0:7');
  expect(model.spec).toBe(SYNTHETIC_SPECS['1b']);
  expect(model.source).toMatchObject({ kind: 'synthetic', seed: 7 });
  expect(model.source.tensors['layers.15.down']).toMatchObject({ type: 'q8_0', rows: 2048 });
  expect(openSynthetic('synthetic:15m:9').source).toMatchObject({ seed: 9 });
  expect(openSynthetic('synthetic:15m').source.tensors['embed']).toMatchObject({ type: 'f32' });
});

test.each(['', 'x', '15m:q9_9', '15m:f32:-1', '15m:f32:4294967296', '15m:f32:1:2', 'toString'])(
  'synthetic:%s is refused with what is known',
  (rest) => {
    const open = (): unknown => openSynthetic(`synthetic:${rest}`);
    expect(open).toThrow(WaferError);
    expect(open).toThrow(/^SYNTHETIC_UNKNOWN: .*synthetic:15m/);
  },
);

test('a block type needs whole blocks', () => {
  const spec = { ...SYNTHETIC_SPECS['tiny']!, ffnWidth: 72 };
  const make = (): unknown => syntheticModel({ name: 'x', spec, type: 'q4_0', seed: 0 });
  expect(make).toThrow(/^TENSOR_SHAPE: tensor layers.0.down/);
});
