/**
 * Linear layer of q8_0 or q4_0 with 8-bit activations: an option, off by default. Letters: T
 * tokens, N outputs, K inputs.
 *
 *   inputs    per row and block of 32: largest = max |x|; d = largest / 127 in f32;
 *             q = nearest even integer of x · f32(127 / largest), so -127 … 127
 *   outputs   per block, ascending: isum = Σ w · q, exact in i32 whatever its order (below 2^24);
 *             acc = fma(f32(isum), f32(scale · d), acc), from acc = +0
 *
 * A block whose largest value is under 2^-100 counts as zeros, so that 127 / largest is finite.
 * Blocks are those of the weights, cut from the whole row: layout, batch and chunks change no bit.
 */
import { BLOCK_FORMATS } from '../blocks/formats.ts';
import type { WeightType } from '../model/spec.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import { linear } from './linear.ts';
import { storedRowBytes } from './weight-types.ts';
import type { StoredMatrix } from './weights.ts';

/** Weight types that follow. */
export const INT8_TYPES = ['q8_0', 'q4_0'] as const;
export type Int8Type = (typeof INT8_TYPES)[number];

export function isInt8Type(type: WeightType): type is Int8Type {
  return (INT8_TYPES as readonly WeightType[]).includes(type);
}

/** Inputs that share a scale. */
const BLOCK_COLUMNS = 32;

/** Largest integer of a quantized input. */
const INTEGER_MAX = 127;
/** Blocks with nothing as large as this count as zeros. */
const BLOCK_MIN = 2 ** -100;

/** Rows of activations as integers with one f32 scale per block. */
export interface QuantizedRows {
  integers: Int8Array; // [T, K]
  scales: Float32Array; // [T, K / 32]
}

/** Quantizes activations by blocks. Shapes: x [T, K], K a multiple of 32. */
export function quantizeActivations(x: Float32Array): QuantizedRows {
  const integers = new Int8Array(x.length);
  const scales = new Float32Array(x.length / BLOCK_COLUMNS);
  for (let block = 0; block < scales.length; block++) {
    const first = block * BLOCK_COLUMNS;
    const values = x.subarray(first, first + BLOCK_COLUMNS);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest < BLOCK_MIN) continue;
    scales[block] = largest / INTEGER_MAX;
    const inverse = Math.fround(INTEGER_MAX / largest);
    values.forEach((value, i) => {
      integers[first + i] = nearestEven(Math.fround(value * inverse));
    });
  }
  return { integers, scales };
}

/** y[t, n] = Σ_k w[n, k] x[t, k], x quantized for those types. Shapes: x [T, K], y [T, N]. */
export function linearInt8(
  y: Float32Array,
  matrix: StoredMatrix,
  x: Float32Array,
  options: { tokenCount: number; rounding: Rounding },
): void {
  const { type, rows, columns } = matrix;
  if (!isInt8Type(type)) {
    linear(y, matrix, x, options);
    return;
  }
  const fma = multiplyAdd(options.rounding);
  const blockCount = columns / BLOCK_COLUMNS;
  const { integers, scales } = quantizeActivations(x.subarray(0, options.tokenCount * columns));
  for (let t = 0; t < options.tokenCount; t++) {
    const row = {
      integers: integers.subarray(t * columns, (t + 1) * columns),
      scales: scales.subarray(t * blockCount, (t + 1) * blockCount),
    };
    for (let n = 0; n < rows; n++) y[t * rows + n] = rowSum({ ...matrix, type }, n, row, fma);
  }
}

/** The chain of one output over the blocks of a row. */
function rowSum(
  matrix: StoredMatrix & { type: Int8Type },
  n: number,
  row: QuantizedRows,
  fma: MultiplyAdd,
): number {
  const { type, columns, stored } = matrix;
  const { blockBytes, integer, scale: blockScale } = BLOCK_FORMATS[type];
  const start = n * storedRowBytes(type, columns);
  let sum = 0;
  for (let block = 0; block < columns / BLOCK_COLUMNS; block++) {
    const at = start + block * blockBytes;
    let isum = 0;
    for (let i = 0; i < BLOCK_COLUMNS; i++) {
      isum += integer(stored, at, i) * (row.integers[block * BLOCK_COLUMNS + i] as number);
    }
    const scale = Math.fround(blockScale(stored, at, 0) * (row.scales[block] as number));
    sum = fma(isum, scale, sum);
  }
  return sum;
}

/** The nearest integer; of two, the even one. */
function nearestEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
