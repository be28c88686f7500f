/**
 * AdamW, element by element in f32; every operation is rounded by itself, in this order:
 *
 *   g = g · scale        w -= decay · w        m = β1 m + (1 - β1) g        v = β2 v + (1 - β2) g²
 *   w -= lr · (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + eps)
 *
 * Source: Loshchilov and Hutter 2019.
 */
import type { AdamScalars } from './scalars.ts';

const f = Math.fround;

/** One step of a tensor. Shapes: all of one length. `scale` is the clipping's. */
export function adamW(
  weights: Float32Array,
  gradient: Float32Array,
  moments: { first: Float32Array; second: Float32Array },
  scalars: AdamScalars & { scale: number },
): void {
  const { first, second } = moments;
  const { decay, beta1, beta2, rest1, rest2, correction1, correction2, lr, eps } = scalars;
  for (let i = 0; i < weights.length; i++) {
    const g = f(gradient[i]! * scalars.scale);
    const w = f(weights[i]! - f(decay * weights[i]!));
    const m = f(f(beta1 * first[i]!) + f(rest1 * g));
    const v = f(f(beta2 * second[i]!) + f(rest2 * f(g * g)));
    first[i] = m;
    second[i] = v;
    const root = f(f(Math.sqrt(f(v / correction2))) + eps);
    weights[i] = w - f(lr * f(f(m / correction1) / root));
  }
}
