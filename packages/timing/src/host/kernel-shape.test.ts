/**
 * The kernels of a small network's instructions, written by hand from its sizes.
 *
 * Letters: D 32, F 80, V 96, 4 heads of 8, 2 KV heads; 5 rows of two sequences, logits of 2.
 */
import type { StepShape } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_8B, planShape } from '../shapes.ts';
import { kernelShapesOf, shapeName, shapeWork } from './kernel-shape.ts';
import type { KernelShape } from './kernel-shape.ts';

const SPEC = {
  ...LLAMA_3_8B,
  ...{ modelWidth: 32, layerCount: 1, headCount: 4, kvHeadCount: 2, headWidth: 8, ffnWidth: 80 },
  vocabCount: 96,
  rope: { ...LLAMA_3_8B.rope, rotaryWidth: 8 },
  attention: { ...LLAMA_3_8B.attention, queryKeyNorm: 'learned' as const },
};
const STEP: StepShape = {
  segments: [
    { startPosition: 10, rowCount: 3 },
    { startPosition: 0, rowCount: 2 },
  ],
  logitRows: 2,
};

const tokens = 5;
const linear = (rows: number, columns: number, of = tokens): KernelShape => ({
  ...({ op: 'linear', type: 'bf16' } as const),
  ...{ rows, columns, tokens: of },
});
const attend = (positions: number, of: number): KernelShape => ({
  ...({ op: 'attend', heads: 4, kvHeads: 2, headWidth: 8 } as const),
  ...{ positions, tokens: of },
});

test('each instruction calls the kernels of its sizes, once per sequence where it attends', () => {
  const grid = { width: 1, height: 1 };
  const [tile] = planShape(SPEC, { grid, type: 'bf16', tensor: 'column' }).tiles;
  const { constants, programs } = tile!;
  const shapes = programs.infer.flatMap((each) => kernelShapesOf(each, { step: STEP, constants }));
  expect(shapes).toEqual([
    { op: 'norm', width: 32, tokens },
    ...[linear(32, 32), linear(16, 32), linear(16, 32)], // q, k, v
    { op: 'norm', width: 8, tokens: 4 * tokens }, // of each head
    { op: 'norm', width: 8, tokens: 2 * tokens },
    { op: 'rope', heads: 4, headWidth: 8, tokens },
    { op: 'rope', heads: 2, headWidth: 8, tokens },
    ...[attend(13, 3), attend(2, 2)],
    linear(32, 32),
    { op: 'add', width: 32, tokens },
    { op: 'norm', width: 32, tokens },
    ...[linear(80, 32), linear(80, 32)],
    { op: 'swiglu', width: 80, tokens },
    linear(32, 80),
    { op: 'add', width: 32, tokens },
    linear(96, 32, 2),
  ]);
});

const SHAPES: readonly KernelShape[] = [
  { op: 'linear', type: 'f32', rows: 6, columns: 10, tokens: 2 },
  { op: 'attend', heads: 4, kvHeads: 2, headWidth: 8, positions: 30, tokens: 2 },
  { op: 'rope', heads: 4, headWidth: 8, tokens: 2 },
  { op: 'norm', width: 32, tokens: 2 },
  { op: 'swiglu', width: 32, tokens: 2 },
  { op: 'add', width: 32, tokens: 2 },
];

test.each(SHAPES)(
  'work of $op doubles with each size but the groups, and names tell all',
  (shape) => {
    const sizes = Object.entries(shape).filter(([, value]) => typeof value === 'number');
    const names = new Set([shapeName(shape)]);
    for (const [field, value] of sizes) {
      const larger = { ...shape, [field]: 2 * (value as number) };
      const factor = field === 'kvHeads' ? 1 : 2;
      expect(shapeWork(larger) / shapeWork(shape), field).toBe(factor);
      names.add(shapeName(larger));
    }
    expect(names.size).toBe(1 + sizes.length);
  },
);

test('shapes of different kernels have different names', () => {
  expect(new Set(SHAPES.map(shapeName)).size).toBe(SHAPES.length);
});
