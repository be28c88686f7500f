/**
 * What the chosen experts of a token add up to: y[t] = Σ_j weight[t, j] · row of slot (t, j).
 *
 * One chain per output over j, hence in ascending expert id, from +0: multiply-adds, or plain
 * additions where the weights went into the experts' inputs. Letters: T tokens, k chosen, N width.
 */
import { F32_BYTES, type OpCost } from './cost.ts';
import { multiplyAdd, type Rounding } from './fma.ts';

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
