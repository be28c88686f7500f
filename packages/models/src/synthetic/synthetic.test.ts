import {
  dequantizeRow,
  storedRowBytes,
  tensorRole,
  WaferError,
  WEIGHT_TYPE_NAMES,
  WEIGHT_TYPES,
  type ModelSpec,
  type TensorInfo,
  type WeightType,
} from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { openReader } from '../weights/reader.ts';
import { openSynthetic, SYNTHETIC_SPECS, syntheticModel } from './synthetic.ts';

const TYPES = WEIGHT_TYPE_NAMES;

/** The tiny shape, as wide as two blocks where it is narrower. */
function specOf(type: WeightType): ModelSpec {
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const modelWidth = Math.max(tiny.modelWidth, 2 * WEIGHT_TYPES[type].blockColumns);
  if (modelWidth === tiny.modelWidth) return tiny;
  const headCount = modelWidth / tiny.headWidth;
  return { ...tiny, modelWidth, ffnWidth: modelWidth, headCount, kvHeadCount: headCount };
}

function tiny(type: WeightType, seed: number): ReturnType<typeof openReader> {
  const spec = specOf(type);
  return openReader(syntheticModel({ name: 'tiny', spec, type, seed }).source);
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

describe.each(TYPES)('synthetic %s weights', (type) => {
  const width = specOf(type).modelWidth;
  const WHOLE = { row: 0, rowCount: 96, column: 0, columnCount: width };

  test('are the same whatever range is read', () => {
    const whole = rows(type, WHOLE);
    const rowBytes = storedRowBytes(type, width);
    const half = storedRowBytes(type, width / 2);
    const range = { row: 5, rowCount: 3, column: width / 2, columnCount: width / 2 };
    const block = rows(type, range);
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
    const role = tensorRole({ part: 'gate' });
    const shape = { name: 'gate', role, use: 'matrix', type, rows: 96, columns: width } as const;
    const matrix: TensorInfo & { stored: Uint8Array } = { ...shape, stored };
    const row = new Float32Array(width);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 96; i++) {
      dequantizeRow(row, matrix, i);
      for (const value of row) {
        sum += value;
        squares += value * value;
      }
    }
    // 6,144 values or more: the mean's own deviation is 0.013 of theirs; nibbles from -8 to 7 lean
    // by -0.5 · scale, the table of iq4 by -5.9.
    const leans: Partial<Record<WeightType, number>> = { q4_0: 0.5 / 4.61, iq4_nl: 5.9 / 67.4 };
    const [count, unit] = [96 * width, Math.sqrt(width)];
    expect(Math.abs((sum / count) * unit + (leans[type] ?? 0))).toBeLessThan(0.064);
    expect(Math.sqrt(squares / count) * unit).toBeCloseTo(1, 1);
  });

  test('have norms near 1 in f32', () => {
    const norm = tiny(type, 1).readVector('norm');
    expect(norm).toHaveLength(width);
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
