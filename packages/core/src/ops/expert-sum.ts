/**
 * What the chosen experts of a token add up to: y[t] = Σ_j weight[t, j] · row of slot (t, j).
 *
 * One chain per output over j, hence in ascending expert id, from +0: multiply-adds, or plain
 * additions where the weights went into the experts' inputs. Letters: T tokens, k chosen, N width.
 */
import { assert } from '../errors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { expertsOf } from '../model/tensors.ts';
import { add } from './add.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import { multiplyAdd, type Rounding } from './fma.ts';
import type { OpRoom } from './op.ts';
import type { RoutingBuffers, Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** output = weighted sum of a token's experts (+ shared). */
export interface ExpertSumOp {
  op: 'expertSum';
  input: NetworkValue;
  output: NetworkValue;
  shared: NetworkValue | undefined;
}

/** target[t] = weighted sum of the rows of t's experts (+ shared[t]), `count` columns. */
export interface ExpertSumInstruction {
  op: 'expertSum';
  target: Rows;
  source: Rows; // [T * k, …]
  routing: RoutingBuffers;
  shared: Rows | undefined;
  count: number;
}

/** Shapes: y [T, N]; rows [T · k, N]; places, weights [T · k]; weights undefined: all count 1. */
export function expertSum(
  y: Float32Array,
  rows: Float32Array,
  routing: { places: Int32Array; weights: Float32Array | undefined; chosenCount: number },
  rounding: Rounding,
): void {
  const { places, weights, chosenCount } = routing;
  const fma = multiplyAdd(rounding);
  const tokenCount = places.length / chosenCount;
  const width = y.length / tokenCount;
  for (let t = 0; t < tokenCount; t++) {
    for (let n = 0; n < width; n++) {
      let sum = 0;
      for (let slot = t * chosenCount; slot < (t + 1) * chosenCount; slot++) {
        const value = rows[(places[slot] as number) * width + n] as number;
        sum = weights ? fma(weights[slot] as number, value, sum) : Math.fround(sum + value);
      }
      y[t * width + n] = sum;
    }
  }
}

/**
 * Inputs of experts, one row per slot: row r is x of the token of slot r, times its weight where
 * weights multiply inputs. Shapes: y [rows, N], x [T, N], slots [rows], weights [T · k].
 */
export function gatherRows(
  y: Float32Array,
  x: Float32Array,
  use: { slots: Int32Array; weights: Float32Array | undefined; chosenCount: number },
): void {
  const width = y.length / use.slots.length;
  use.slots.forEach((slot, row) => {
    const token = Math.floor(slot / use.chosenCount);
    const weight = use.weights?.[slot] ?? 1;
    for (let n = 0; n < width; n++) {
      y[row * width + n] = (x[token * width + n] as number) * weight;
    }
  });
}

/** Cost of the sum. */
export function expertSumCost(shape: {
  tokenCount: number;
  chosenCount: number;
  width: number;
}): OpCost {
  const { tokenCount, chosenCount, width } = shape;
  return {
    flops: 2 * tokenCount * chosenCount * width,
    weightBytes: 0,
    activationBytes: F32_BYTES * tokenCount * (chosenCount + 1) * width,
  };
}

export const EXPERT_SUM: OpRoom<ExpertSumOp, ExpertSumInstruction> = {
  flow: ({ input, output, shared }) => ({
    reads: shared ? [input, shared] : [input],
    writes: [output],
    tensors: [],
  }),
  reference: ({ input, output, shared }, pass) => {
    const { chosenCount, weighsInput } = expertsOf(pass.spec);
    const { places, weights } = pass.routing;
    const y = pass.create(output);
    const own = { places, weights: weighsInput ? undefined : weights, chosenCount };
    expertSum(y, pass.read(input), own, pass.rounding);
    if (shared) add(y, pass.read(shared));
  },
  lower: ({ input, output, shared }, operands) => ({
    op: 'expertSum',
    target: operands.rows(output),
    source: operands.rows(input),
    routing: operands.routing,
    shared: shared && operands.rows(shared),
    count: operands.count(output),
  }),
  use: ({ count: width }, { step, constants: { experts } }) => {
    assert(experts !== undefined, 'a sum of experts has a spec of them', { width });
    const { chosenCount } = experts;
    return ridesAlong(expertSumCost({ tokenCount: rowsOf(step), chosenCount, width }));
  },
};
