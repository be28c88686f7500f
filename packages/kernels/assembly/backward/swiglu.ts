/**
 * SwiGLU of any layout and its clamped variant, both ways; counts are multiples of 8.
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

/** y = (g / (1 + exp(-alpha · g))) · (u + 1), g = min(gate, limit), u = up within ±limit. */
export function clampedForward(
  y: usize,
  gate: usize,
  up: usize,
  count: i32,
  alpha: f32,
  limit: f32,
): void {
  const one = f32x4.splat(1);
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  const factor = f32x4.splat(alpha);
  for (; count > 0; count -= 4) {
    const g = f32x4.pmin(v128.load(gate), most);
    const u = f32x4.pmax(f32x4.pmin(v128.load(up), most), least);
    const active = f32x4.div(g, denominator(f32x4.mul(factor, g)));
    v128.store(y, f32x4.mul(active, f32x4.add(u, one)));
    y += 16;
    gate += 16;
    up += 16;
  }
}

/**
 * dup = dy · (g σ), dgate = (dy · (u + 1)) · (σ · (1 + alpha g (1 - σ))), σ of alpha g; each 0
 * where its input is cut off.
 */
export function clampedBackward(
  dgate: usize,
  dup: usize,
  gate: usize,
  up: usize,
  dy: usize,
  count: i32,
  alpha: f32,
  limit: f32,
): void {
  const one = f32x4.splat(1);
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  const factor = f32x4.splat(alpha);
  for (; count > 0; count -= 4) {
    const gated = v128.load(gate);
    const raised = v128.load(up);
    const flow = v128.load(dy);
    const g = f32x4.pmin(gated, most);
    const u = f32x4.pmax(f32x4.pmin(raised, most), least);
    const scaled = f32x4.mul(factor, g);
    const below = denominator(scaled);
    const sigma = f32x4.div(one, below);
    const turned = f32x4.add(one, f32x4.mul(scaled, f32x4.sub(one, sigma)));
    const slope = f32x4.mul(sigma, turned);
    const own = f32x4.mul(f32x4.mul(flow, f32x4.add(u, one)), slope);
    v128.store(dgate, v128.and(own, f32x4.le(gated, most)));
    const isInside = v128.and(f32x4.le(raised, most), f32x4.ge(raised, least));
    v128.store(dup, v128.and(f32x4.mul(flow, f32x4.div(g, below)), isInside));
    dgate += 16;
    dup += 16;
    gate += 16;
    up += 16;
    dy += 16;
  }
}
