/**
 * SwiGLU of any layout, both ways; counts are multiples of 8.
 */
import { exp4 } from '../exp';

/** y = (g / (1 + exp(-g))) · u. */
export function swigluForward(y: usize, gate: usize, up: usize, count: i32): void {
  for (; count > 0; count -= 8) {
    const g0 = v128.load(gate);
    const g1 = v128.load(gate, 16);
    const y0 = f32x4.mul(f32x4.div(g0, denominator(g0)), v128.load(up));
    const y1 = f32x4.mul(f32x4.div(g1, denominator(g1)), v128.load(up, 16));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    y += 32;
    gate += 32;
    up += 32;
  }
}

// @ts-ignore: decorator
@inline
function denominator(g: v128): v128 {
  return f32x4.add(f32x4.splat(1), exp4(f32x4.neg(g)));
}

/** dup = dy · (g σ), dgate = (dy · u) · (σ · (1 + g (1 - σ))). */
export function swigluBackward(
  dgate: usize,
  dup: usize,
  gate: usize,
  up: usize,
  dy: usize,
  count: i32,
): void {
  const one = f32x4.splat(1);
  for (; count > 0; count -= 4) {
    const g = v128.load(gate);
    const flow = v128.load(dy);
    const below = denominator(g);
    const sigma = f32x4.div(one, below);
    const turned = f32x4.add(one, f32x4.mul(g, f32x4.sub(one, sigma)));
    v128.store(dgate, f32x4.mul(f32x4.mul(flow, v128.load(up)), f32x4.mul(sigma, turned)));
    v128.store(dup, f32x4.mul(flow, f32x4.div(g, below)));
    dgate += 16;
    dup += 16;
    gate += 16;
    up += 16;
    dy += 16;
  }
}
