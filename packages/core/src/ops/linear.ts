/**
 * Linear layer: y[t, n] = Σ_k w[n, k] x[t, k]. Letters: T tokens, N outputs, K inputs.
 *
 * The canonical order is one chain per output over ascending k, whatever T, N or the shard:
 *
 *   f32, f16, bf16  acc = fma(w, x, acc), from acc = +0
 *   block types     per block: s = fma(q · unit, x, s), from s = +0;
 *                   then acc = fma(s, scale / unit, acc)
 *
 * `unit` is a power of two, so it changes no bit unless a sum leaves the range of f32: it is where
 * the kernels find the integer in a 32-bit word (q8_0 in the upper 8 bits, q4_0 in the upper 4).
 */
import { BLOCK_COLUMNS, blockScale, q4Integer, q8Integer } from './blocks.ts';
import type { WeightType } from '../model/spec.ts';
import { F32_BYTES, type OpCost } from './cost.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import { packedBytes, storedRowBytes, WEIGHT_TYPES } from './weight-types.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

/** Weight types whose inputs share scales by blocks. */
export type BlockType = 'q8_0' | 'q4_0';

export function isBlockType(type: WeightType): type is BlockType {
  return type === 'q8_0' || type === 'q4_0';
}

/** What the integers of a block type are multiplied by inside a sum. */
export const BLOCK_UNITS: Readonly<Record<BlockType, number>> = { q8_0: 2 ** 24, q4_0: 2 ** 28 };

/** y[t, n] = Σ_k w[n, k] x[t, k]. Shapes: x [T, K], y [T, N]. */
export function linear(
  y: Float32Array,
  matrix: StoredMatrix,
  x: Float32Array,
  options: { tokenCount: number; rounding: Rounding },
): void {
  const { rows, columns } = matrix;
  const fma = multiplyAdd(options.rounding);
  for (let n = 0; n < rows; n++) {
    const sum = rowSum(matrix, n, fma);
    for (let t = 0; t < options.tokenCount; t++) y[t * rows + n] = sum(x, t * columns);
  }
}

/** The chain of one output: reads x from an offset on. */
function rowSum(
  matrix: StoredMatrix,
  row: number,
  fma: MultiplyAdd,
): (x: Float32Array, offset: number) => number {
  const { type, columns, stored } = matrix;
  const start = row * storedRowBytes(type, columns);
  if (isBlockType(type)) {
    const { blockBytes } = WEIGHT_TYPES[type];
    return (x, offset) => {
      let sum = 0;
      for (let k = 0; k < columns; k += BLOCK_COLUMNS) {
        const block = start + (k / BLOCK_COLUMNS) * blockBytes;
        const scale = blockScale(stored, block) / BLOCK_UNITS[type];
        sum = fma(blockSum(type, stored, block, x, offset + k, fma), scale, sum);
      }
      return sum;
    };
  }
  const weights = new Float32Array(columns);
  dequantizeRow(weights, matrix, row);
  return (x, offset) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum = fma(weights[k] as number, x[offset + k] as number, sum);
    return sum;
  };
}

function blockSum(
  type: BlockType,
  stored: Uint8Array,
  block: number,
  x: Float32Array,
  offset: number,
  fma: MultiplyAdd,
): number {
  const integer = type === 'q8_0' ? q8Integer : q4Integer;
  const unit = BLOCK_UNITS[type];
  let sum = 0;
  for (let i = 0; i < BLOCK_COLUMNS; i++) {
    sum = fma(integer(stored, block, i) * unit, x[offset + i] as number, sum);
  }
  return sum;
}

/** Cost of a linear layer: 2 T N K operations. */
export function linearCost(
  matrix: Pick<StoredMatrix, 'type' | 'rows' | 'columns'>,
  tokenCount: number,
): OpCost {
  const { type, rows, columns } = matrix;
  return {
    flops: 2 * tokenCount * rows * columns,
    weightBytes: packedBytes(type, rows, columns),
    activationBytes: F32_BYTES * tokenCount * (rows + columns),
  };
}
