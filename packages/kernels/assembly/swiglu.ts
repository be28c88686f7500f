/**
 * SwiGLU: y = silu(gate) · up, and its clamped variant. T tokens, N width.
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

/** y[t, n] = g / (1 + exp(-alpha · g)) · (u + 1), g = min(gate, limit), u = up within ±limit. */
export function clampedSwiglu(
  y: usize,
  yStride: usize,
  gate: usize,
  up: usize,
  tokenCount: i32,
  count: i32,
  alpha: f32,
  limit: f32,
): void {
  const rowBytes = (<usize>count) << 2;
  for (let t = 0; t < tokenCount; t++) {
    let n = 0;
    for (; n + 4 <= count; n += 4) {
      const at = (<usize>n) << 2;
      v128.store(y + at, clamped(v128.load(gate + at), v128.load(up + at), alpha, limit));
    }
    const at = (<usize>n) << 2;
    const rest = count - n;
    const part = clamped(loadPart(gate + at, rest), loadPart(up + at, rest), alpha, limit);
    storePart(y + at, part, rest);
    y += yStride << 2;
    gate += rowBytes;
    up += rowBytes;
  }
}

function clamped(gate: v128, up: v128, alpha: f32, limit: f32): v128 {
  const one = f32x4.splat(1);
  const most = f32x4.splat(limit);
  const g = f32x4.pmin(gate, most);
  const u = f32x4.pmax(f32x4.pmin(up, most), f32x4.splat(-limit));
  const denominator = f32x4.add(one, exp4(f32x4.neg(f32x4.mul(f32x4.splat(alpha), g))));
  return f32x4.mul(f32x4.div(g, denominator), f32x4.add(u, one));
}

function gated(gate: v128, up: v128): v128 {
  const denominator = f32x4.add(f32x4.splat(1), exp4(f32x4.neg(gate)));
  return f32x4.mul(f32x4.div(gate, denominator), up);
}
