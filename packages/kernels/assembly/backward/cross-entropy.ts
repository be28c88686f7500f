/**
 * Softmax cross-entropy of panels: logits become their gradient in place, that of the squared
 * log-sum-exp added.
 */
import { exp4 } from '../exp';
import { logOf } from './log';

/**
 * Panels [p0, p1) of logits, [panels][V][16]. targets: i32, shares: f32 [panels · 16]; stats:
 * [panels][(largest, sum, logit of the target, factor)][16]. z: twice the coefficient of the
 * squares.
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
    const kept = stats + (<usize>p << 8);
    const own = <usize>p << 6;
    for (let i: usize = 0; i < 64; i += 4) {
      const target = <usize>load<u32>(targets + own + i);
      store<f32>(kept + i, load<f32>(x + (target << 6) + i), 128);
    }
    for (let lane: usize = 0; lane < 64; lane += 32) {
      raise(x + lane, kept + lane, V);
      for (let i = lane; i < lane + 32; i += 4) {
        keepFactor(kept + i, load<f32>(shares + own + i), z);
      }
      scale(x + lane, kept + lane, V);
    }
    for (let i: usize = 0; i < 64; i += 4) {
      const at = x + (<usize>load<u32>(targets + own + i) << 6) + i;
      store<f32>(at, load<f32>(at) - load<f32>(shares + own + i));
    }
  }
}

/** 8 tokens: exp(x - m). */
function raise(x: usize, kept: usize, V: i32): void {
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
}

/** One token: ((1 / Σ) · share) · (1 + z · (m + ln Σ)). */
function keepFactor(kept: usize, share: f32, z: f32): void {
  const largest = load<f32>(kept);
  const sum = load<f32>(kept, 64);
  // By itself: V8 ends the process where it packs such lanes into wider vectors.
  const pull: f32 = 1 + z * (largest + logOf(sum));
  store<f32>(kept, (1 / sum) * share * pull, 192);
}

/** 8 tokens: times their factors. */
function scale(x: usize, kept: usize, V: i32): void {
  const f0 = v128.load(kept, 192);
  const f1 = v128.load(kept, 208);
  for (let v = 0; v < V; v++) {
    const at = x + (<usize>v << 6);
    const d0 = f32x4.mul(v128.load(at), f0);
    const d1 = f32x4.mul(v128.load(at, 16), f1);
    v128.store(at, d0);
    v128.store(at, d1, 16);
  }
}
