/**
 * SwiGLU, rotation and the loss, with their ways back. Letters: T tokens, V vocab.
 */
import type { Arithmetic, Numbers } from './arithmetic.ts';

/** y = (g / (1 + exp(-g))) · u. */
export function swigluForward(a: Arithmetic, y: Numbers, gate: Numbers, up: Numbers): void {
  for (let i = 0; i < y.length; i++) {
    const g = gate[i]!;
    y[i] = a.round(g / a.round(1 + a.exp(-g))) * up[i]!;
  }
}

/** σ = 1 / (1 + exp(-g)): dup = dy · (g · σ), dgate = (dy · u) · (σ · (1 + g (1 - σ))). */
export function swigluBackward(
  a: Arithmetic,
  gradients: { gate: Numbers; up: Numbers },
  { gate, up, dy }: { gate: Numbers; up: Numbers; dy: Numbers },
): void {
  for (let i = 0; i < dy.length; i++) {
    const g = gate[i]!;
    const denominator = a.round(1 + a.exp(-g));
    const sigma = a.round(1 / denominator);
    gradients.up[i] = dy[i]! * a.round(g / denominator);
    const slope = a.round(sigma * a.round(1 + a.round(g * a.round(1 - sigma))));
    gradients.gate[i] = a.round(dy[i]! * up[i]!) * slope;
  }
}

/** A clamped activation, see `ActivationSpec`. */
interface Clamp {
  alpha: number;
  limit: number;
}

/** y = (g / (1 + exp(-alpha · g))) · (u + 1), g = min(gate, limit), u = up within ±limit. */
export function clampedForward(
  a: Arithmetic,
  y: Numbers,
  { gate, up }: { gate: Numbers; up: Numbers },
  clamp: Clamp,
): void {
  const [alpha, limit] = [a.round(clamp.alpha), a.round(clamp.limit)];
  for (let i = 0; i < y.length; i++) {
    const g = Math.min(gate[i]!, limit);
    const u = Math.max(Math.min(up[i]!, limit), -limit);
    y[i] = a.round(g / a.round(1 + a.exp(-a.round(alpha * g)))) * a.round(u + 1);
  }
}

/**
 * σ = 1 / (1 + exp(-alpha · g)): dup = dy · (g · σ), dgate = (dy · (u + 1)) · (σ · (1 + alpha g
 * (1 - σ))); each 0 where its input is cut off.
 */
export function clampedBackward(
  a: Arithmetic,
  gradients: { gate: Numbers; up: Numbers },
  { gate, up, dy }: { gate: Numbers; up: Numbers; dy: Numbers },
  clamp: Clamp,
): void {
  const [alpha, limit] = [a.round(clamp.alpha), a.round(clamp.limit)];
  for (let i = 0; i < dy.length; i++) {
    const g = Math.min(gate[i]!, limit);
    const u = Math.max(Math.min(up[i]!, limit), -limit);
    const scaled = a.round(alpha * g);
    const denominator = a.round(1 + a.exp(-scaled));
    const sigma = a.round(1 / denominator);
    const slope = a.round(sigma * a.round(1 + a.round(scaled * a.round(1 - sigma))));
    gradients.gate[i] = gate[i]! <= limit ? a.round(dy[i]! * a.round(u + 1)) * slope : 0;
    gradients.up[i] = Math.abs(up[i]!) <= limit ? dy[i]! * a.round(g / denominator) : 0;
  }
}

/**
 * Rotates pairs of each head in place; `direction` -1 is the way back.
 * Shapes: x [T, heads, headWidth]; table [T, rotaryWidth / 2, (cos, sin)].
 */
export function rotateRows(
  { round }: Arithmetic,
  x: Numbers,
  table: Numbers,
  shape: { tokenCount: number; headWidth: number; rotaryWidth: number; isPairs: boolean },
  direction: 1 | -1,
): void {
  const { tokenCount, headWidth, rotaryWidth, isPairs } = shape;
  const half = rotaryWidth / 2;
  const heads = x.length / tokenCount / headWidth;
  for (let row = 0; row < tokenCount * heads; row++) {
    const t = Math.floor(row / heads);
    for (let i = 0; i < half; i++) {
      const first = row * headWidth + (isPairs ? 2 * i : i);
      const second = isPairs ? first + 1 : first + half;
      const cos = table[(t * half + i) * 2]!;
      const sin = direction * table[(t * half + i) * 2 + 1]!;
      const [xa, xb] = [x[first]!, x[second]!];
      x[first] = round(xa * cos) - round(xb * sin);
      x[second] = round(xb * cos) + round(xa * sin);
    }
  }
}

/**
 * Softmax cross-entropy: turns logits into their gradient in place, and returns Σ of the losses and
 * of the squares of L, which count `zLoss` times as much.
 *
 *   m = max x    e = exp(x - m)    l = Σ e, ascending    L = m + ln l
 *   d = e · (((1 / l) · share) · (1 + 2 zLoss · L)), target: - share
 *
 * `share` is 1 / (targets of the step), or 0 where a target does not count. Shapes: logits [T, V].
 * Source of the squares: Chowdhery et al. 2022 (PaLM), section 5.
 */
export function crossEntropy(
  a: Arithmetic,
  logits: Numbers,
  row: { targets: Uint32Array; counts: Uint8Array },
  step: { share: number; zLoss: number },
): { loss: number; zSquares: number } {
  const tokenCount = row.targets.length;
  const vocab = logits.length / tokenCount;
  const z = a.round(2 * step.zLoss);
  let [loss, zSquares] = [0, 0];
  for (let t = 0; t < tokenCount; t++) {
    const x = logits.subarray(t * vocab, (t + 1) * vocab);
    const target = row.targets[t]!;
    const atTarget = x[target]!;
    let largest = -Infinity;
    for (const value of x) largest = Math.max(largest, value);
    let sum = 0;
    for (let i = 0; i < vocab; i++) {
      x[i] = a.exp(a.round(x[i]! - largest));
      sum = a.round(sum + x[i]!);
    }
    const counts = row.counts[t]!;
    const share = counts ? a.round(step.share) : 0;
    const whole = a.round(largest + a.log(sum));
    const pull = a.round(1 + a.round(z * whole));
    const factor = a.round(a.round(a.round(1 / sum) * share) * pull);
    for (let i = 0; i < vocab; i++) x[i] = x[i]! * factor;
    x[target] = x[target]! - share;
    if (!counts) continue;
    loss += Math.log(sum) + largest - atTarget;
    zSquares += (Math.log(sum) + largest) ** 2;
  }
  return { loss, zSquares };
}
