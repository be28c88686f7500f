import {
  type Activations,
  BLOCK_FORMATS,
  INT8_TYPES,
  isBlockType,
  dequantizeRow,
  linear,
  linearInt8,
  type Rounding,
  type StoredMatrix,
  storedRowBytes,
  WEIGHT_TYPES,
  WEIGHT_TYPE_NAMES,
  type WeightType,
  packedBytes,
  panelBytes,
} from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Stretch } from './arena.ts';
import { linearKernel } from './linear-kernel.ts';
import { wildFloats, wildMatrix } from './random-weights.ts';
import { linearScratchBytes } from './scratch.ts';

const TYPES = WEIGHT_TYPE_NAMES;
const ROUNDINGS: Rounding[] = ['fused', 'plain'];
const CASES: Case[] = ROUNDINGS.flatMap((rounding) => [
  ...TYPES.flatMap((type) =>
    ['narrow', 'wide'].map((blocks) => ({ type, rounding, blocks, activations: 'f32' as const })),
  ),
  ...INT8_TYPES.map((type) => ({ type, rounding, blocks: 'all', activations: 'int8' as const })),
]);

interface Case {
  type: WeightType;
  rounding: Rounding;
  blocks: string;
  activations: Activations;
}
const ARENA_BYTES = 2 ** 20;

/** Shapes around the edges of panels, token blocks and stretches of 128 inputs. */
const shapes = fc.record({
  tokenCount: fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 13, 35),
  rows: fc.constantFrom(1, 3, 31, 32, 33, 37, 64, 70),
  inputs: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 120, max: 270 })),
  seed: fc.integer({ min: 1, max: 1e6 }),
  exponentMax: fc.constantFrom(0, 14, 16, 40),
});

function columnsOf(type: WeightType, inputs: number): number {
  const { blockColumns } = WEIGHT_TYPES[type];
  return Math.ceil(inputs / blockColumns) * blockColumns;
}

/** Packs every panel of a matrix; `verdict` is what the kernel said. */
function pack(arena: Arena, matrix: StoredMatrix): { weights: Stretch; verdict: number } {
  const { type, rows, columns, stored } = matrix;
  const { panelRows } = WEIGHT_TYPES[type];
  const rowBytes = storedRowBytes(type, columns);
  const source = arena.put(stored);
  const weights = arena.add(packedBytes(type, rows, columns));
  let verdict = 0;
  const stray = arena.strayWrite([weights], () => {
    for (let row = 0; row < rows; row += panelRows) {
      const target = weights.address + (row / panelRows) * panelBytes(type, columns);
      const from = source.address + row * rowBytes;
      const count = Math.min(panelRows, rows - row);
      verdict |= arena.kernels.pack[type](target, from, rowBytes, count, columns);
    }
  });
  expect(stray).toBe(-1);
  return { weights, verdict };
}

function bits(values: Float32Array): number[] {
  return Array.from(new Uint32Array(values.slice().buffer));
}

test.each(CASES)(
  'linear $type × $activations, $rounding, $blocks, equals the reference and writes N columns',
  (of) => {
    const { type, rounding, activations } = of;
    const arena = new Arena(rounding, ARENA_BYTES, { isWide: of.blocks === 'wide' });
    const holds = fc.property(shapes, ({ tokenCount, rows, inputs, seed, exponentMax }) => {
      arena.clear();
      const columns = columnsOf(type, inputs);
      const [xStride, yStride] = [columns + (-columns & 3) + 4, rows + (-rows & 3) + 4];
      const matrix = wildMatrix({ type, rows, columns }, seed);
      const values = wildFloats(tokenCount * columns, seed + 1, exponentMax);
      const { weights, verdict } = pack(arena, matrix);
      expect(verdict).toBe(0);
      const x = arena.add(tokenCount * xStride * 4);
      const y = arena.add(tokenCount * yStride * 4);
      const scratch = arena.add(linearScratchBytes(type, columns, activations));
      const writable = [scratch];
      for (let t = 0; t < tokenCount; t++) {
        const row = values.subarray(t * columns, (t + 1) * columns);
        arena.floats(x).set(row, t * xStride);
        writable.push({ address: y.address + t * yStride * 4, bytes: rows * 4 });
      }
      const stray = arena.strayWrite(writable, () => {
        const [to, w, from] = [y.address, weights.address, x.address];
        const run = linearKernel(arena.kernels, type, activations);
        run(to, yStride, w, from, xStride, tokenCount, rows, columns, scratch.address);
      });
      const expected = new Float32Array(tokenCount * rows);
      const reference = activations === 'int8' ? linearInt8 : linear;
      reference(expected, matrix, values, { tokenCount, rounding });
      const actual = new Float32Array(tokenCount * rows);
      writable.slice(1).forEach((row, t) => actual.set(arena.floats(row), t * rows));
      expect(bits(actual)).toEqual(bits(expected));
      expect(stray).toBe(-1);
    });
    fc.assert(holds, { seed: 1, numRuns: 6 });
  },
);

test.each(TYPES)('rows of a packed %s matrix come back exactly', (type) => {
  const arena = new Arena('fused', ARENA_BYTES);
  const columns = columnsOf(type, 70);
  const matrix = wildMatrix({ type, rows: 45, columns }, 3);
  const { weights } = pack(arena, matrix);
  const y = arena.add(columns * 4);
  const expected = new Float32Array(columns);
  for (const row of [0, 5, 31, 32, 44]) {
    const stray = arena.strayWrite([y], () =>
      arena.kernels.embed[type](y.address, weights.address, row, columns),
    );
    dequantizeRow(expected, matrix, row);
    expect(bits(arena.floats(y))).toEqual(bits(expected));
    expect(stray).toBe(-1);
  }
});

test.each(TYPES)('packing %s refuses what is not finite, wherever it is', (type) => {
  const arena = new Arena('fused', ARENA_BYTES);
  const columns = columnsOf(type, 21);
  const infinity = { f32: [0, 0, 128, 127], bf16: [128, 127] }[type as string] ?? [0, 124];
  const halfOffsets = isBlockType(type) ? BLOCK_FORMATS[type].halfOffsets : [0];
  const { blockBytes } = WEIGHT_TYPES[type];
  const rowBytes = storedRowBytes(type, columns);
  for (const row of [0, 6, 17, 31, 40]) {
    for (const at of halfOffsets.flatMap((offset) => [offset, rowBytes - blockBytes + offset])) {
      arena.clear();
      const matrix = wildMatrix({ type, rows: 41, columns }, row);
      matrix.stored.set(infinity, row * rowBytes + at);
      expect(pack(arena, matrix).verdict).toBe(1);
    }
  }
});

/** Bytes that are no finite number, and where in a block they may be. */
const NO_NUMBERS = [
  { type: 'mxfp4', bytes: [255], at: 0 },
  ...(['f8_e4m3', 'f8_e5m2'] as const).flatMap((type) => [
    { type, bytes: [0, 0, 128, 127], at: 0 },
    { type, bytes: [0x7f], at: 4 },
    { type, bytes: [0xff], at: 131 },
  ]),
  { type: 'f8_e5m2', bytes: [0x7c], at: 70 },
] as const;

test.each(NO_NUMBERS)('packing $type refuses $bytes at $at', ({ type, bytes, at }) => {
  const arena = new Arena('fused', ARENA_BYTES);
  const { blockColumns } = WEIGHT_TYPES[type];
  for (const row of [0, 31, 40]) {
    arena.clear();
    const matrix = wildMatrix({ type, rows: 41, columns: blockColumns }, row);
    expect(pack(arena, matrix).verdict).toBe(0);
    matrix.stored.set(bytes, row * storedRowBytes(type, blockColumns) + at);
    expect(pack(arena, matrix).verdict).toBe(1);
  }
});

test('packed blocks take at most 4 percent more than stored ones', () => {
  for (const { blockBytes, packedBlockBytes } of Object.values(WEIGHT_TYPES)) {
    expect(packedBlockBytes).toBeLessThanOrEqual(1.04 * blockBytes);
  }
});
