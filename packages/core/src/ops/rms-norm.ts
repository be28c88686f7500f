/**
 * RMS norm: y[t] = x[t] / rms(x[t]) · gain, rms(x) = sqrt(mean(x²) + epsilon).
 *
 * Squares are summed in the lane order of `lanes.ts` with multiply-add; all else is rounded per
 * step. Letters: T tokens, D width.
 */
import { F32_BYTES, type OpCost } from './cost.ts';
import { multiplyAdd, type Rounding } from './fma.ts';
import { foldLanes, LANE_COUNT } from './lanes.ts';

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
