/**
 * Biases of linear layers, both ways.
 */
import { foldLanes } from '../lanes';

/** y[n][16] += bias[n], rows [n0, n1). y: [panels][N][16]. */
export function biasForward(y: usize, bias: usize, panels: i32, N: i32, n0: i32, n1: i32): void {
  for (let p = 0; p < panels; p++) {
    for (let n = n0; n < n1; n++) {
      const at = y + (<usize>(p * N + n) << 6);
      const value = v128.load32_splat(bias + (<usize>n << 2));
      for (let i: usize = 0; i < 64; i += 16) {
        v128.store(at + i, f32x4.add(v128.load(at + i), value));
      }
    }
  }
}

/** db[n] (+)= Σ dy over tokens, in lanes. */
export function biasGradient(
  db: usize,
  dy: usize,
  panels: i32,
  N: i32,
  n0: i32,
  n1: i32,
  joins: i32,
): void {
  for (let n = n0; n < n1; n++) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let p = 0; p < panels; p++) {
      const at = dy + (<usize>(p * N + n) << 6);
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
      c = f32x4.add(c, v128.load(at, 32));
      d = f32x4.add(d, v128.load(at, 48));
    }
    const target = db + (<usize>n << 2);
    const sum = foldLanes(a, b, c, d);
    store<f32>(target, joins ? load<f32>(target) + sum : sum);
  }
}
