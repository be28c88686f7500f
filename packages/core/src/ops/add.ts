/**
 * Sums of two operands: residual connections and biases. Letters: T tokens, N width.
 */
import { F32_BYTES, type OpCost } from './cost.ts';

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
