/**
 * Linear layer: y[t, n] = Σ_k w[n, k] x[t, k]. Letters: T tokens, N outputs, K inputs.
 *
 * The canonical order is one chain per output over ascending k, whatever T, N or the shard:
 *
 *   f32, f16, bf16  acc = fma(w, x, acc), from acc = +0
 *   block types     per group of a block: s = fma(q · unit, x, s), from s = +0;
 *                   then acc = fma(s, f32(scale / unit), acc);
 *                   then, of types with a minimum, acc = fma(groupSum(x), minimum, acc)
 *
 * `unit` is a power of two, so it changes no bit unless a sum leaves the range of f32: it is where
 * the kernels find the integer in a 32-bit word. The sum of a group of x is that of four lanes,
 * element i in lane i mod 4, each added up in ascending order from +0: (l0 + l1) + (l2 + l3). It
 * is the same for all outputs, and short chains make it cheap to have once per row of x.
 */
import { BLOCK_FORMATS, type BlockType, isBlockType } from './blocks/formats.ts';
import { F32_BYTES, type OpCost } from './cost.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import { packedBytes, storedRowBytes } from './weight-types.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

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
  const { type, columns } = matrix;
  if (isBlockType(type)) return blockRowSum({ ...matrix, type }, row, fma);
  const weights = new Float32Array(columns);
  dequantizeRow(weights, matrix, row);
  return (x, offset) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum = fma(weights[k] as number, x[offset + k] as number, sum);
    return sum;
  };
}

/** The same over groups of blocks. */
function blockRowSum(
  matrix: StoredMatrix & { type: BlockType },
  row: number,
  fma: MultiplyAdd,
): (x: Float32Array, offset: number) => number {
  const { type, columns, stored } = matrix;
  const format = BLOCK_FORMATS[type];
  const { blockColumns, groupColumns, blockBytes, unit } = format;
  const start = row * storedRowBytes(type, columns);
  return (x, offset) => {
    let sum = 0;
    for (let k = 0; k < columns; k += groupColumns) {
      const block = start + Math.floor(k / blockColumns) * blockBytes;
      const first = k % blockColumns;
      let part = 0;
      for (let i = 0; i < groupColumns; i++) {
        const weight = format.integer(stored, block, first + i) * unit;
        part = fma(weight, x[offset + k + i] as number, part);
      }
      const group = first / groupColumns;
      sum = fma(part, Math.fround(format.scale(stored, block, group) / unit), sum);
      if (format.minimum) {
        const inputs = groupSum(x.subarray(offset + k, offset + k + groupColumns));
        sum = fma(inputs, format.minimum(stored, block, group), sum);
      }
    }
    return sum;
  };
}

/** The sum of a group of inputs, in four lanes. */
export function groupSum(x: Float32Array): number {
  const lanes = new Float32Array(4);
  x.forEach((value, i) => {
    lanes[i % 4] = (lanes[i % 4] as number) + value;
  });
  const [a, b, c, d] = lanes as unknown as [number, number, number, number];
  return Math.fround(Math.fround(a + b) + Math.fround(c + d));
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
