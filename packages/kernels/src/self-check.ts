/**
 * Compares the kernels with their reference on this machine, bit for bit, before a wafer trusts
 * them.
 *
 * Small inputs with zeros, subnormals and large values; each weight type as matrix × vector and as
 * matrix × matrix, and each kernel that multiplies, adds and takes exponentials.
 */
import {
  type Activations,
  linear,
  linearInt8,
  packedBytes,
  rmsNorm,
  type Rounding,
  storedRowBytes,
  swiglu,
  isInt8Type,
  WaferError,
  WEIGHT_TYPE_NAMES,
  WEIGHT_TYPES,
  type WeightType,
} from '@wafer/core';
import { Arena, type Stretch } from './arena.ts';
import { linearKernel } from './linear-kernel.ts';
import { randomFloats, wildFloats, wildMatrix } from './random-weights.ts';
import { linearScratchBytes } from './scratch.ts';

const ARENA_BYTES = 2 ** 17;
const COLUMNS = 96;
const TOKEN_COUNTS = [1, 3, 6];

/** Checks the kernels of a rounding, of some weight types. Throws: KERNEL_MISMATCH. */
export function checkKernels(
  rounding: Rounding,
  types: readonly WeightType[] = WEIGHT_TYPE_NAMES,
): void {
  const arena = new Arena(rounding, ARENA_BYTES);
  for (const type of types) {
    for (const activations of ['f32', 'int8'] as const) {
      if (activations === 'int8' && !isInt8Type(type)) continue;
      for (const tokenCount of TOKEN_COUNTS) {
        checkLinear(arena, { type, activations, tokenCount }, rounding);
      }
    }
  }
  checkRows(arena, rounding);
}

function checkLinear(
  arena: Arena,
  of: { type: WeightType; activations: Activations; tokenCount: number },
  rounding: Rounding,
): void {
  const { type, activations, tokenCount } = of;
  const { panelRows: rows, blockColumns } = WEIGHT_TYPES[type];
  const columns = Math.max(COLUMNS, blockColumns);
  arena.clear();
  const matrix = wildMatrix({ type, rows, columns }, tokenCount);
  const values = wildFloats(tokenCount * columns, 2, 10);
  const [source, x] = [arena.put(matrix.stored), arena.put(values)];
  const weights = arena.add(packedBytes(type, rows, columns)).address;
  const y = arena.add(4 * tokenCount * rows);
  const scratch = arena.add(linearScratchBytes(type, columns, activations)).address;
  arena.kernels.pack[type](weights, source.address, storedRowBytes(type, columns), rows, columns);
  const [to, from] = [y.address, x.address];
  const run = linearKernel(arena.kernels, type, activations);
  run(to, rows, weights, from, columns, tokenCount, rows, columns, scratch);
  const expected = new Float32Array(tokenCount * rows);
  const reference = activations === 'int8' ? linearInt8 : linear;
  reference(expected, matrix, values, { tokenCount, rounding });
  const kernel = `linear ${type} × ${activations}, ${rounding}, ${tokenCount} tokens`;
  compare(arena, y, expected, kernel);
}

/** Norm and SwiGLU: sums in lanes, square roots, divisions and exponentials. */
function checkRows(arena: Arena, rounding: Rounding): void {
  arena.clear();
  const [values, gains] = [wildFloats(COLUMNS, 3, 5), randomFloats(COLUMNS, 4)];
  const [x, gain, y] = [arena.put(values), arena.put(gains), arena.add(4 * COLUMNS)];
  const expected = new Float32Array(COLUMNS);
  arena.kernels.rmsNorm(y.address, x.address, gain.address, 1, COLUMNS, 1e-5);
  rmsNorm(expected, values, gains, { tokenCount: 1, epsilon: 1e-5, rounding });
  compare(arena, y, expected, `rmsNorm, ${rounding}`);
  arena.kernels.swiglu(y.address, COLUMNS, x.address, gain.address, 1, COLUMNS);
  swiglu(expected, values, gains, rounding);
  compare(arena, y, expected, `swiglu, ${rounding}`);
}

function compare(arena: Arena, y: Stretch, expected: Float32Array, kernel: string): void {
  const actual = arena.floats(y);
  const index = expected.findIndex((value, i) => !Object.is(value, actual[i]));
  if (index < 0) return;
  const details = `element ${index}: ${actual[index]} instead of ${expected[index]}`;
  throw new WaferError('KERNEL_MISMATCH', { kernel, details });
}
