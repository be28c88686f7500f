/**
 * Micro-benchmarks of the kernels on one thread: linear layers by type and shape, attention, norm.
 *
 * Letters: T tokens, N outputs, K inputs.
 */
import {
  packedBytes,
  panelBytes,
  plural,
  storedRowBytes,
  tensorRole,
  WEIGHT_TYPES,
} from '@wafer/core';
import type { WeightType } from '@wafer/core';
import {
  attentionScratchBytes,
  compileKernels,
  detectRounding,
  instantiateKernels,
  linearScratchBytes,
  MEMORY_PAGES_MAX,
} from '@wafer/kernels';
import type { Kernels } from '@wafer/kernels';
import { openReader } from '@wafer/models';
import { Space } from './micro-case.ts';
import type { MicroCase } from './micro-case.ts';

/** The sizes to run at. */
export interface KernelSizes {
  /** [N, K] */
  shapes: readonly (readonly [number, number])[];
  /** T of matrix × matrix, on the first shape. */
  rowCount: number;
  heads: number;
  headWidth: number;
  positions: number;
}

/** Shapes of the 110M model. */
export const KERNEL_SIZES: KernelSizes = {
  shapes: [
    [2048, 768],
    [768, 768],
    [768, 2048],
    [32_000, 768],
  ],
  rowCount: 64,
  heads: 12,
  headWidth: 64,
  positions: 512,
};

export const KERNEL_SIZES_QUICK: KernelSizes = {
  shapes: [
    [64, 64],
    [40, 96],
  ],
  rowCount: 8,
  heads: 2,
  headWidth: 16,
  positions: 40,
};

const TYPES: readonly WeightType[] = ['f32', 'f16', 'q8_0', 'q4_0'];
const PAGE_BYTES = 65_536;
const KV_BLOCK = 16;

/** Cases of the kernels that take time, of those whose name holds `filter`; each has its memory. */
export function kernelCases(sizes: KernelSizes, filter = ''): MicroCase[] {
  const [first] = sizes.shapes;
  const { rowCount, positions } = sizes;
  const linears = TYPES.flatMap((type) => [
    ...sizes.shapes.map(([rows, columns]) => ({ type, rows, columns, tokens: 1 })),
    { type, rows: first![0], columns: first![1], tokens: rowCount },
  ]);
  const cases: { name: string; open: () => MicroCase }[] = [
    ...linears.map((shape) => ({ name: linearName(shape), open: () => linearCase(shape) })),
    ...[1, Math.min(rowCount, positions)].map((tokens) => ({
      name: attentionName(sizes, tokens),
      open: () => attentionCase(sizes, tokens),
    })),
    ...[1, rowCount].map((tokens) => ({
      name: normName(first![1], tokens),
      open: () => normCase(first![1], tokens),
    })),
  ];
  return cases.filter(({ name }) => name.includes(filter)).map(({ open }) => open());
}

interface LinearShape {
  type: WeightType;
  rows: number;
  columns: number;
  tokens: number;
}

function linearName({ type, rows, columns, tokens }: LinearShape): string {
  return `linear ${type} ${rows}x${columns}, ${plural(tokens, 'token')}`;
}

function attentionName({ heads, headWidth, positions }: KernelSizes, tokens: number): string {
  return `attention ${heads}x${headWidth} over ${positions}, ${plural(tokens, 'token')}`;
}

function normName(width: number, tokens: number): string {
  return `norm ${width}, ${plural(tokens, 'token')}`;
}

/** A linear layer of one type, its weights repeated. */
export function linearCase(shape: LinearShape): MicroCase {
  const { type, rows, columns, tokens } = shape;
  const weightBytes = packedBytes(type, rows, columns);
  const { space, kernels } = openSpace(2 * weightBytes + (rows + columns) * (tokens + 1) * 4);
  const weights = packWeights(space, kernels, shape);
  const x = space.addFloats(tokens * columns); // [T, K]
  const y = space.add(tokens * rows * 4); // [T, N]
  const scratch = space.add(linearScratchBytes(type, columns));
  const linear = kernels.linear[type];
  return {
    name: linearName(shape),
    bytes: weightBytes,
    flops: 2 * tokens * rows * columns,
    run: () => linear(y, rows, weights, x, columns, tokens, rows, columns, scratch),
    output: () => space.bytes(y, tokens * rows * 4),
  };
}

/** One packed panel of seeded weights. */
export function onePanel(type: WeightType, columns: number): Uint8Array {
  const { panelRows: rows } = WEIGHT_TYPES[type];
  const { space, kernels } = openSpace(2 * packedBytes(type, rows, columns) + rows * columns * 4);
  const weights = packWeights(space, kernels, { type, rows, columns });
  return space.bytes(weights, panelBytes(type, columns));
}

/** One panel of seeded weights, repeated: contents do not change the speed. */
function packWeights(
  space: Space,
  kernels: Kernels,
  { type, rows, columns }: { type: WeightType; rows: number; columns: number },
): number {
  const { panelRows } = WEIGHT_TYPES[type];
  const role = tensorRole({ part: 'weights' });
  const own = { name: 'weights', role, use: 'matrix', type } as const;
  const tensor = { ...own, rows: panelRows, columns };
  const reader = openReader({ kind: 'synthetic', seed: 1, tensors: { weights: tensor } });
  const rowBytes = storedRowBytes(type, columns);
  const stored = space.add(panelRows * rowBytes);
  const target = new Uint8Array(space.memory.buffer, stored, panelRows * rowBytes);
  const range = { row: 0, rowCount: panelRows, column: 0, columnCount: columns };
  reader.readRows('weights', range, target);
  reader.close();
  const weights = space.add(packedBytes(type, rows, columns));
  kernels.pack[type](weights, stored, rowBytes, panelRows, columns);
  const all = new Uint8Array(space.memory.buffer, weights, packedBytes(type, rows, columns));
  const bytes = panelBytes(type, columns);
  for (let at = bytes; at < all.length; at += bytes) all.copyWithin(at, 0, bytes);
  return weights;
}

/** T queries that end at the last of some positions. */
export function attentionCase(sizes: KernelSizes, tokens: number): MicroCase {
  const { heads, headWidth, positions } = sizes;
  const width = heads * headWidth;
  const blocks = Math.ceil(positions / KV_BLOCK);
  const blockStride = 2 * KV_BLOCK * width * 4;
  const { space, kernels } = openSpace(blocks * blockStride + 4 * (positions + tokens) * width * 4);
  const kv = space.add(blocks * blockStride);
  const table = space.add(blocks * 4); // i32 [blocks]
  new Int32Array(space.memory.buffer, table, blocks).set(
    Array.from({ length: blocks }, (_, i) => i),
  );
  const k = space.addFloats(positions * width); // [positions, H, headWidth]
  const v = space.addFloats(positions * width);
  const q = space.addFloats(tokens * width); // [T, H, headWidth]
  const out = space.add(tokens * width * 4);
  const scratch = space.add(attentionScratchBytes(headWidth, 'f32'));
  kernels.kvAppend(kv, blockStride, table, k, v, width, 0, positions, heads, headWidth, 0);
  const start = positions - tokens;
  const scale = 1 / Math.sqrt(headWidth);
  const queried = tokens * (start + (tokens + 1) / 2);
  return {
    name: attentionName(sizes, tokens),
    bytes: 2 * positions * width * 4,
    flops: 4 * queried * width,
    run: () =>
      kernels.attention(
        ...([out, width, q, width, kv, blockStride, table] as const),
        ...([start, tokens, heads, heads, headWidth, scale, 0, 0, 0, 0, scratch] as const),
      ),
    output: () => space.bytes(out, tokens * width * 4),
  };
}

/** A norm of some rows. */
export function normCase(width: number, tokens: number): MicroCase {
  const { space, kernels } = openSpace((2 * tokens + 1) * width * 4);
  const x = space.addFloats(tokens * width); // [T, D]
  const gain = space.addFloats(width);
  const y = space.add(tokens * width * 4);
  return {
    name: normName(width, tokens),
    bytes: 2 * tokens * width * 4,
    flops: 4 * tokens * width,
    run: () => kernels.rmsNorm(y, x, gain, tokens, width, 1e-5),
    output: () => space.bytes(y, tokens * width * 4),
  };
}

/** A memory with room for `bytes` and what cases need besides, and kernels on it. */
function openSpace(bytes: number): { space: Space; kernels: Kernels } {
  const initial = Math.ceil(bytes / PAGE_BYTES) + 2 + Math.ceil(bytes / 64 / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial, maximum: MEMORY_PAGES_MAX, shared: true });
  const kernels = instantiateKernels(compileKernels(detectRounding()), memory);
  return { space: new Space(memory), kernels };
}
