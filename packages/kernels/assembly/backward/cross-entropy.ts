/**
 * Softmax cross-entropy of panels: logits become their gradient in place, that of the squared
 * log-sum-exp added.
 */
import { exp4 } from '../exp';
import { log4 } from './log';

/**
 * Panels [p0, p1) of logits, [panels][V][16]. targets: i32, shares: f32 [panels · 16]; stats:
 * [panels][(largest, sum, logit of the target)][16]. z: twice the coefficient of the squares.
 */
export function crossEntropy(
  logits: usize,
  targets: usize,
  shares: usize,
  stats: usize,
  V: i32,
  p0: i32,
  p1: i32,
  z: f32,
): void {
  for (let p = p0; p < p1; p++) {
    const x = logits + (<usize>p * <usize>V << 6);
    const kept = stats + <usize>p * 192;
    const own = <usize>p << 6;
    for (let i: usize = 0; i < 64; i += 4) {
      const target = <usize>load<u32>(targets + own + i);
      store<f32>(kept + i, load<f32>(x + (target << 6) + i), 128);
    }
    for (let lane: usize = 0; lane < 64; lane += 32) {
      const share0 = v128.load(shares + own + lane);
      const share1 = v128.load(shares + own + lane, 16);
      weigh(x + lane, kept + lane, V, share0, share1, z);
    }
    for (let i: usize = 0; i < 64; i += 4) {
      const at = x + (<usize>load<u32>(targets + own + i) << 6) + i;
      store<f32>(at, load<f32>(at) - load<f32>(shares + own + i));
    }
  }
}

/** 8 tokens: exp(x - m) · (((1 / Σ) · share) · (1 + z · (m + ln Σ))). */
function weigh(x: usize, kept: usize, V: i32, share0: v128, share1: v128, z: f32): void {
  let m0 = v128.load(x);
  let m1 = v128.load(x, 16);
  for (let v = 1; v < V; v++) {
    m0 = f32x4.pmax(m0, v128.load(x + (<usize>v << 6)));
    m1 = f32x4.pmax(m1, v128.load(x + (<usize>v << 6), 16));
  }
  v128.store(kept, m0);
  v128.store(kept, m1, 16);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (let v = 0; v < V; v++) {
    const at = x + (<usize>v << 6);
    const e0 = exp4(f32x4.sub(v128.load(at), m0));
    const e1 = exp4(f32x4.sub(v128.load(at, 16), m1));
    v128.store(at, e0);
    v128.store(at, e1, 16);
    s0 = f32x4.add(s0, e0);
    s1 = f32x4.add(s1, e1);
  }
  v128.store(kept, s0, 64);
  v128.store(kept, s1, 80);
  const one = f32x4.splat(1);
  const f0 = f32x4.mul(f32x4.mul(f32x4.div(one, s0), share0), pull(m0, s0, z));
  const f1 = f32x4.mul(f32x4.mul(f32x4.div(one, s1), share1), pull(m1, s1, z));
  for (let v = 0; v < V; v++) {
    const at = x + (<usize>v << 6);
    const d0 = f32x4.mul(v128.load(at), f0);
    const d1 = f32x4.mul(v128.load(at, 16), f1);
    v128.store(at, d0);
    v128.store(at, d1, 16);
  }
}

/** 1 + z · (m + ln Σ): how much more the squares make of the softmax. */
function pull(m: v128, sum: v128, z: f32): v128 {
  const whole = f32x4.add(m, log4(sum));
  return f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.splat(z), whole));
}
