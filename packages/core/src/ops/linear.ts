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
import { BLOCK_FORMATS, type BlockType, isBlockType } from '../blocks/formats.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { addBias, addBiasCost } from './add.ts';
import { F32_BYTES, type OpCost, sumCosts } from './cost.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import type { OpRoom, ReferencePass } from './op.ts';
import { addLowRank, lowRankCost, type LowRankPlace } from './low-rank.ts';
import type { PackedMatrix, Rows } from './operands.ts';
import { rowsOf, type StepShape } from './step-shape.ts';
import { packedBytes, storedRowBytes } from './weight-types.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

/** output = weights · input (+ bias). Ops of a launch read one input, and can be one kernel. */
export interface LinearOp {
  op: 'linear';
  input: NetworkValue;
  output: NetworkValue;
  weights: NetworkTensor;
  bias: NetworkTensor | undefined;
  launch: number;
}

/** target = weights · source (+ bias) (+ the change of each row's adapter). */
export interface LinearInstruction {
  op: 'linear';
  weights: PackedMatrix;
  source: Rows;
  target: Rows;
  bias: number | undefined;
  launch: number;
  /** Absent where adapters have no slots here. */
  adapters?: LowRankPlace;
}

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

/** weights · x (+ bias) of a pass, [rows of x, rows of weights]. */
export function linearRows(
  { tensors, rounding }: Pick<ReferencePass, 'tensors' | 'rounding'>,
  x: Float32Array,
  { weights, bias }: { weights: NetworkTensor; bias?: NetworkTensor | undefined },
): Float32Array {
  const tokenCount = x.length / weights.columns;
  const y = new Float32Array(tokenCount * weights.rows);
  linear(y, tensors.matrix(weights.name), x, { tokenCount, rounding });
  if (bias) addBias(y, tensors.vector(bias.name));
  return y;
}

/** Rows that go through adapters, and through how many. */
export function adaptedRows({ segments }: StepShape): { tokenCount: number; adapterCount: number } {
  const adapted = segments.filter(({ adapter = 0 }) => adapter > 0);
  const tokenCount = adapted.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return { tokenCount, adapterCount: new Set(adapted.map(({ adapter }) => adapter)).size };
}

export const LINEAR: OpRoom<LinearOp, LinearInstruction> = {
  flow: ({ input, output, weights, bias }) => ({
    reads: [input],
    writes: [output],
    tensors: [weights, bias],
  }),
  reference: ({ input, output, weights, bias }, pass) => {
    const x = pass.read(input);
    const y = linearRows(pass, x, { weights, bias });
    const change = pass.tensors.change?.(weights.name);
    const { tokens, rounding } = pass;
    if (change) addLowRank(y, change, x, { tokenCount: tokens.length, rounding });
    pass.create(output).set(y);
  },
  lower: (op, operands) => {
    const { input, output } = op;
    const launch = operands.launch(op.launch);
    const source = operands.rows(input);
    const weights = operands.matrix(op.weights, { input, output });
    const own = { start: operands.start(output), count: operands.count(output) };
    const bias = op.bias && operands.vector(op.bias, own);
    const target = operands.rows(output);
    const adapters = operands.adapters(op.weights, { input, output });
    return { op: 'linear', weights, source, target, bias, launch, ...(adapters && { adapters }) };
  },
  use: ({ weights, bias, adapters }, { step }) => {
    const tokenCount = rowsOf(step);
    const more = bias === undefined ? [] : [addBiasCost({ tokenCount, width: weights.rows })];
    if (adapters) more.push(lowRankCost(weights, { rank: adapters.rank, ...adaptedRows(step) }));
    const cost = sumCosts([linearCost(weights, tokenCount), ...more]);
    return { cost, floor: 'matrix', weights: weights.type };
  },
  label: ({ weights: { rows, columns, type } }) => `${rows}x${columns} ${type}`,
};
