/**
 * SwiGLU: y = silu(gate) · up, silu(g) = g / (1 + exp(-g)); and its clamped variant.
 *
 * Letters: T tokens, F width. Every step is rounded to f32; `exp` is the polynomial of `exp.ts`.
 */
import type { NetworkValue } from '../model/network-value.ts';
import type { ActivationSpec } from '../model/spec.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import { exp32 } from './exp.ts';
import { multiplyAdd, type Rounding } from './fma.ts';
import type { OpRoom } from './op.ts';
import type { Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** output = activation(gate, up). */
export interface SwigluOp {
  op: 'swiglu';
  gate: NetworkValue;
  up: NetworkValue;
  output: NetworkValue;
}

/** target = activation(gate, up), `count` columns; gate and up [T, count]. */
export interface SwigluInstruction {
  op: 'swiglu';
  target: Rows;
  gate: Rows;
  up: Rows;
  count: number;
}

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

/** The gated activation that a model asks for. Shapes: all [T, F]. */
export function activate(
  y: Float32Array,
  { gate, up }: { gate: Float32Array; up: Float32Array },
  { activation, rounding }: { activation: ActivationSpec; rounding: Rounding },
): void {
  if (activation.kind === 'silu') swiglu(y, gate, up, rounding);
  else clampedSwiglu(y, gate, up, { ...activation, rounding });
}

export const SWIGLU: OpRoom<SwigluOp, SwigluInstruction> = {
  flow: ({ gate, up, output }) => ({ reads: [gate, up], writes: [output], tensors: [] }),
  reference: ({ gate, up, output }, pass) => {
    const { activation } = pass.spec;
    const inputs = { gate: pass.read(gate), up: pass.read(up) };
    activate(pass.create(output), inputs, { activation, rounding: pass.rounding });
  },
  lower: ({ gate, up, output }, operands) => {
    const [gateRows, upRows] = [operands.rows(gate), operands.rows(up)];
    const [target, count] = [operands.slice(output), operands.count(output)];
    return { op: 'swiglu', target, gate: gateRows, up: upRows, count };
  },
  use: ({ count: width }, { step }) => ridesAlong(swigluCost({ tokenCount: rowsOf(step), width })),
};
