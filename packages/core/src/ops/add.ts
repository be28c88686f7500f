/**
 * Sums of two operands: residual connections and biases. Letters: T tokens, N width.
 */
import type { NetworkValue } from '../model/network-value.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import type { OpRoom } from './op.ts';
import type { Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** target += input. */
export interface AddOp {
  op: 'add';
  target: NetworkValue;
  input: NetworkValue;
}

/** target += source, both [T, D], contiguous. `reduces`: id of the all-reduce it is a step of. */
export interface AddInstruction {
  op: 'add';
  target: Rows;
  source: Rows;
  reduces?: number;
}

/** x[i] += y[i]. Shapes: both [T, N]. */
export function add(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) + (y[i] as number);
}

/** x[t, n] += bias[n]. Shapes: x [T, N], bias [N]. */
export function addBias(x: Float32Array, bias: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    x[i] = (x[i] as number) + (bias[i % bias.length] as number);
  }
}

/** Cost of a residual sum. */
export function addCost(shape: { tokenCount: number; width: number }): OpCost {
  const count = shape.tokenCount * shape.width;
  return { flops: count, weightBytes: 0, activationBytes: 3 * F32_BYTES * count };
}

/** Cost of adding a bias. */
export function addBiasCost(shape: { tokenCount: number; width: number }): OpCost {
  const count = shape.tokenCount * shape.width;
  return {
    flops: count,
    weightBytes: F32_BYTES * shape.width,
    activationBytes: 2 * F32_BYTES * count,
  };
}

export const ADD: OpRoom<AddOp, AddInstruction> = {
  flow: ({ target, input }) => ({ reads: [target, input], writes: [target], tensors: [] }),
  reference: ({ target, input }, pass) => add(pass.read(target), pass.read(input)),
  lower: ({ target, input }, operands) => ({
    op: 'add',
    target: operands.rows(target),
    source: operands.rows(input),
  }),
  use: ({ target }, { step }) =>
    ridesAlong(addCost({ tokenCount: rowsOf(step), width: target.stride })),
};
