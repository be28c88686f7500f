/**
 * Gradient descent with momentum, element by element in f32: u = μ u + g, w -= lr · u; the decay
 * of matrices is taken from the weights first, as AdamW does.
 */
const f = Math.fround;

/** One step of a tensor. Shapes: all of one length. */
export function sgdMomentum(
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array,
  scalars: { lr: number; decay: number; momentum: number; scale: number },
): void {
  const [lr, momentum, decay] = [f(scalars.lr), f(scalars.momentum), f(scalars.decay)];
  for (let i = 0; i < weights.length; i++) {
    const g = f(gradient[i]! * scalars.scale);
    const u = f(f(momentum * velocity[i]!) + g);
    velocity[i] = u;
    const w = f(weights[i]! - f(decay * weights[i]!));
    weights[i] = w - f(lr * u);
  }
}
