/**
 * RMS norm: y[t] = x[t] / rms(x[t]) · gain, rms(x) = sqrt(mean(x²) + epsilon).
 *
 * Squares are summed in the lane order of `lanes.ts` with multiply-add; all else is rounded per
 * step. Letters: T tokens, D width.
 */
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import { multiplyAdd, type Rounding } from './fma.ts';
import { foldLanes, LANE_COUNT } from './lanes.ts';
import type { OpRoom } from './op.ts';
import type { Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** output = rmsNorm(input) · gain, by pieces of `width`; no gain: all ones. */
export interface NormOp {
  op: 'norm';
  input: NetworkValue;
  output: NetworkValue;
  gain: NetworkTensor | undefined;
  width: number;
}

/** target = rmsNorm(source) * gain, for `perToken` pieces of `width` of each row; contiguous. */
export interface NormInstruction {
  op: 'norm';
  target: Rows;
  source: Rows;
  gain: number;
  width: number;
  perToken: number;
}

/** y[t, d] = (x[t, d] · r[t]) · gain[d]. Shapes: x, y [T, D], gain [D]. */
export function rmsNorm(
  y: Float32Array,
  x: Float32Array,
  gain: Float32Array,
  options: { tokenCount: number; epsilon: number; rounding: Rounding },
): void {
  const width = gain.length;
  const fma = multiplyAdd(options.rounding);
  const epsilon = Math.fround(options.epsilon);
  for (let t = 0; t < options.tokenCount; t++) {
    const partials = new Float32Array(LANE_COUNT);
    for (let d = 0; d < width; d++) {
      const value = x[t * width + d] as number;
      const lane = d % LANE_COUNT;
      partials[lane] = fma(value, value, partials[lane] as number);
    }
    const mean = Math.fround(foldLanes(partials) / width);
    const r = Math.fround(1 / Math.fround(Math.sqrt(Math.fround(mean + epsilon))));
    for (let d = 0; d < width; d++) {
      y[t * width + d] = Math.fround((x[t * width + d] as number) * r) * (gain[d] as number);
    }
  }
}

/** Cost of RMS norm: two passes over the row. */
export function rmsNormCost(shape: { tokenCount: number; width: number }): OpCost {
  const { tokenCount, width } = shape;
  return {
    flops: 4 * tokenCount * width,
    weightBytes: F32_BYTES * width,
    activationBytes: 2 * F32_BYTES * tokenCount * width,
  };
}

export const NORM: OpRoom<NormOp, NormInstruction> = {
  flow: ({ input, output, gain }) => ({ reads: [input], writes: [output], tensors: [gain] }),
  reference: ({ input, output, gain, width }, pass) => {
    const x = pass.read(input); // created anew where it is written in place
    const gains = gain ? pass.tensors.vector(gain.name) : new Float32Array(width).fill(1);
    const options = { epsilon: pass.spec.normEpsilon, rounding: pass.rounding };
    rmsNorm(pass.create(output), x, gains, { tokenCount: x.length / width, ...options });
  },
  lower: ({ input, output, gain, width }, operands) => {
    const perToken = operands.count(input) / width;
    const [source, target] = [operands.rows(input), operands.rows(output)];
    const gains = gain ? operands.vector(gain) : operands.ones(width);
    return { op: 'norm', target, source, gain: gains, width, perToken };
  },
  use: ({ perToken, width }, { step }) =>
    ridesAlong(rmsNormCost({ tokenCount: rowsOf(step) * perToken, width })),
};
