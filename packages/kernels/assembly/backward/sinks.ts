/**
 * The gradients of attention sinks: a sink has a weight in the softmax of its head, and no value.
 *
 *   dsink = Σ_query - p · δ      p = exp(sink - m) · (1 / Σ)      δ = Σ_d do · o
 */
import { exp4 } from '../exp';
import { madd } from '../fma';
import { foldLanes } from '../lanes';

/**
 * dsinks[h] (+)= Σ over queries, in lanes, of heads [h0, h1). out, dOut: [panels][H · W][16];
 * stats: what the way forward kept, [H][panels][2][16].
 */
export function sinksBack(
  dsinks: usize,
  sinks: usize,
  stats: usize,
  out: usize,
  dOut: usize,
  panels: i32,
  H: i32,
  W: i32,
  h0: i32,
  h1: i32,
  joins: i32,
): void {
  for (let h = h0; h < h1; h++) {
    const at = <usize>h << 2;
    const score = v128.load32_splat(sinks + at);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let panel = 0; panel < panels; panel++) {
      const head = <usize>((panel * H + h) * W) << 6;
      const kept = stats + (<usize>(h * panels + panel) << 7);
      a = f32x4.sub(a, pull(score, kept, dOut + head, out + head, W));
      b = f32x4.sub(b, pull(score, kept + 16, dOut + head + 16, out + head + 16, W));
      c = f32x4.sub(c, pull(score, kept + 32, dOut + head + 32, out + head + 32, W));
      d = f32x4.sub(d, pull(score, kept + 48, dOut + head + 48, out + head + 48, W));
    }
    const sum = foldLanes(a, b, c, d);
    store<f32>(dsinks + at, joins ? load<f32>(dsinks + at) + sum : sum);
  }
}

/** p · δ of four queries. */
function pull(score: v128, kept: usize, dOut: usize, out: usize, W: i32): v128 {
  let delta = f32x4.splat(0);
  for (let d: usize = 0; d < <usize>W << 6; d += 64) {
    delta = madd(v128.load(dOut + d), v128.load(out + d), delta);
  }
  const weight = f32x4.mul(exp4(f32x4.sub(score, v128.load(kept))), v128.load(kept, 64));
  return f32x4.mul(weight, delta);
}
