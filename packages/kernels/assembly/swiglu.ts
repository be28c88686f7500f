/**
 * SwiGLU: y = silu(gate) · up. T tokens, N width.
 */
import { exp4 } from './exp';
import { loadPart, storePart } from './lanes';

/** y[t, n] = silu(gate[t, n]) · up[t, n]. y: [T, yStride]; gate, up: [T, N], contiguous. */
export function swiglu(
  y: usize,
  yStride: usize,
  gate: usize,
  up: usize,
  tokenCount: i32,
  count: i32,
): void {
  const rowBytes = (<usize>count) << 2;
  for (let t = 0; t < tokenCount; t++) {
    let n = 0;
    for (; n + 4 <= count; n += 4) {
      const at = (<usize>n) << 2;
      v128.store(y + at, gated(v128.load(gate + at), v128.load(up + at)));
    }
    const at = (<usize>n) << 2;
    const rest = count - n;
    storePart(y + at, gated(loadPart(gate + at, rest), loadPart(up + at, rest)), rest);
    y += yStride << 2;
    gate += rowBytes;
    up += rowBytes;
  }
}

function gated(gate: v128, up: v128): v128 {
  const denominator = f32x4.add(f32x4.splat(1), exp4(f32x4.neg(gate)));
  return f32x4.mul(f32x4.div(gate, denominator), up);
}
