/**
 * SwiGLU: y = silu(gate) · up, silu(g) = g / (1 + exp(-g)); and its clamped variant.
 *
 * Letters: T tokens, F width. Every step is rounded to f32; `exp` is the polynomial of `exp.ts`.
 */
import { F32_BYTES, type OpCost } from './cost.ts';
import { exp32 } from './exp.ts';
import { multiplyAdd, type Rounding } from './fma.ts';

/** y[i] = silu(gate[i]) · up[i]. Shapes: all [T, F]. */
export function swiglu(
  y: Float32Array,
  gate: Float32Array,
  up: Float32Array,
  rounding: Rounding,
): void {
  const fma = multiplyAdd(rounding);
  for (let i = 0; i < y.length; i++) {
    const g = gate[i] as number;
    const denominator = Math.fround(1 + exp32(-g, fma));
    y[i] = Math.fround(g / denominator) * (up[i] as number);
  }
}

/**
 * y[i] = g / (1 + exp(-alpha · g)) · (u + 1), g = min(gate[i], limit), u = up[i] clamped to
 * ±limit. Shapes: all [T, F].
 */
export function clampedSwiglu(
  y: Float32Array,
  gate: Float32Array,
  up: Float32Array,
  options: { alpha: number; limit: number; rounding: Rounding },
): void {
  const fma = multiplyAdd(options.rounding);
  const alpha = Math.fround(options.alpha);
  const limit = Math.fround(options.limit);
  for (let i = 0; i < y.length; i++) {
    const g = Math.min(gate[i] as number, limit);
    const u = Math.max(Math.min(up[i] as number, limit), -limit);
    const denominator = Math.fround(1 + exp32(-Math.fround(alpha * g), fma));
    y[i] = Math.fround(g / denominator) * Math.fround(u + 1);
  }
}

/** Cost of SwiGLU; the exponential counts as one operation. */
export function swigluCost(shape: { tokenCount: number; width: number }): OpCost {
  const count = shape.tokenCount * shape.width;
  return { flops: 5 * count, weightBytes: 0, activationBytes: 3 * F32_BYTES * count };
}
