/**
 * How fast are the linear kernels? Matrix × vector in GB/s of packed weights, matrix × matrix in
 * GFLOP/s.
 *
 *   node packages/kernels/bench/linear.ts [--revectorize] [--quick] [--plain] [--type q8_0]
 *
 * Block types are measured with activations in f32 and in 8 bits.
 *
 * The first line is the yardstick: reading 96 MiB once, as fast as a kernel can. The last one is a
 * hash of all results, equal on every machine for a rounding.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  type Activations,
  packedBytes,
  panelBytes,
  type Rounding,
  type StoredMatrix,
  storedRowBytes,
  WEIGHT_TYPES,
  WEIGHT_TYPE_NAMES,
  type WeightType,
} from '@wafer/core';
import { Arena, type Stretch } from '../src/arena.ts';
import { linearKernel } from '../src/linear-kernel.ts';
import { enableRevectorization } from '../src/revectorize.ts';
import { linearScratchBytes } from '../src/scratch.ts';
import { ordinaryMatrix, randomFloats } from '../src/random-weights.ts';

const KINDS: { type: WeightType; activations: Activations }[] = [
  ...WEIGHT_TYPE_NAMES.map((type) => ({
    type,
    activations: 'f32' as const,
  })),
  { type: 'q8_0', activations: 'int8' },
  { type: 'q4_0', activations: 'int8' },
];
const SHAPES = [
  [768, 768],
  [2048, 768],
  [768, 2048],
  [32000, 768],
] as const;
const TOKEN_COUNTS = [2, 4, 6, 64, 128];

/** A layer to measure. */
export interface LinearShape {
  type: WeightType;
  rows: number;
  columns: number;
  /** Default: f32. */
  activations?: Activations;
}

export interface LinearResult extends LinearShape {
  tokenCount: number;
  ms: number;
  gigabytesPerSecond: number;
  gigaflopsPerSecond: number;
}

/** Best wall time of some calls. */
function bestMs(run: () => void, budgetMs: number): number {
  let best = Infinity;
  const end = performance.now() + budgetMs;
  do {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return best;
}

/** Packs small random panels, repeated over the matrix: contents do not change the speed. */
function packRepeated(arena: Arena, type: WeightType, rows: number, columns: number): Stretch {
  const { panelRows } = WEIGHT_TYPES[type];
  const few: StoredMatrix = ordinaryMatrix({ type, rows: panelRows, columns }, 5);
  const source = arena.put(few.stored);
  const weights = arena.add(packedBytes(type, rows, columns));
  const bytes = panelBytes(type, columns);
  arena.kernels.pack[type](
    weights.address,
    source.address,
    storedRowBytes(type, columns),
    panelRows,
    columns,
  );
  const all = new Uint8Array(arena.memory.buffer, weights.address, weights.bytes);
  for (let at = bytes; at < all.length; at += bytes) all.copyWithin(at, 0, bytes);
  return weights;
}

/** Times one linear layer of one type for some numbers of tokens. */
export function measureLinear(
  arena: Arena,
  shape: LinearShape,
  tokenCounts: readonly number[],
  options: { budgetMs: number; hash: (bytes: Uint8Array) => void },
): LinearResult[] {
  const { type, rows, columns, activations = 'f32' } = shape;
  arena.clear();
  const weights = packRepeated(arena, type, rows, columns);
  const tokensMax = Math.max(...tokenCounts);
  const x = arena.put(randomFloats(tokensMax * columns, 7));
  const y = arena.add(tokensMax * rows * 4);
  const scratch = arena.add(linearScratchBytes(type, columns, activations)).address;
  const linear = linearKernel(arena.kernels, type, activations);
  return tokenCounts.map((tokenCount) => {
    const run = (): void =>
      linear(
        y.address,
        rows,
        weights.address,
        x.address,
        columns,
        tokenCount,
        rows,
        columns,
        scratch,
      );
    const ms = bestMs(run, options.budgetMs);
    options.hash(new Uint8Array(arena.memory.buffer, y.address, tokenCount * rows * 4).slice());
    return {
      ...shape,
      tokenCount,
      ms,
      gigabytesPerSecond: weights.bytes / ms / 1e6,
      gigaflopsPerSecond: (2 * tokenCount * rows * columns) / ms / 1e6,
    };
  });
}

/** How fast one thread reads memory: the largest of many numbers, found at the first. */
function memoryGigabytesPerSecond(arena: Arena, budgetMs: number): number {
  arena.clear();
  const row = arena.add(96 * 2 ** 20);
  const values = arena.floats(row);
  values[0] = 1; // junk is negative
  const ms = bestMs(() => arena.kernels.argmax(row.address, values.length), budgetMs);
  return row.bytes / ms / 1e6;
}

function resultLine(results: readonly LinearResult[]): string {
  const [vector, ...matrix] = results;
  const { type, activations, rows, columns } = vector!;
  const cells = matrix.map((r) => `T=${r.tokenCount} ${r.gigaflopsPerSecond.toFixed(1)}`);
  const gigabytes = vector!.gigabytesPerSecond.toFixed(1);
  const name = `${type} × ${activations}, ${rows}x${columns}`;
  return `${name}: ${gigabytes} GB/s, GFLOP/s ${cells.join(', ')}`;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      revectorize: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
      type: { type: 'string', multiple: true },
    },
  });
  if (values.revectorize) enableRevectorization();
  const rounding: Rounding = values.plain ? 'plain' : 'fused';
  const arena = new Arena(rounding, 2 ** 28);
  const sum = createHash('sha256');
  const budgetMs = values.quick ? 20 : 150;
  process.stdout.write(`memory: ${memoryGigabytesPerSecond(arena, budgetMs).toFixed(1)} GB/s\n`);
  const isWanted = (type: WeightType): boolean => values.type?.includes(type) ?? true;
  for (const { type, activations } of KINDS.filter((kind) => isWanted(kind.type))) {
    for (const [rows, columns] of SHAPES) {
      const counts = rows > 4096 ? [1, 6] : [1, ...TOKEN_COUNTS];
      const results = measureLinear(arena, { type, rows, columns, activations }, counts, {
        budgetMs,
        hash: (bytes) => sum.update(bytes),
      });
      process.stdout.write(`${resultLine(results)}\n`);
    }
  }
  process.stdout.write(`${rounding} ${sum.digest('hex').slice(0, 16)}\n`);
}

if (import.meta.main) main();
