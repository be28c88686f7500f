/**
 * Elementwise kernels over rows: RMS norm, residual and bias sums. T tokens.
 */
import { madd } from './fma';
import { foldLanes, loadPart, storePart } from './lanes';

/** y[t] = x[t] / rms(x[t]) · gain. Shapes: [T, width], contiguous. */
export function rmsNorm(
  y: usize,
  x: usize,
  gain: usize,
  tokenCount: i32,
  width: i32,
  epsilon: f32,
): void {
  for (let t = 0; t < tokenCount; t++) {
    const mean = sumOfSquares(x, width) / <f32>width;
    const r = f32x4.splat(<f32>1 / sqrt<f32>(mean + epsilon));
    let d = 0;
    for (; d + 4 <= width; d += 4) {
      const at = (<usize>d) << 2;
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), r), v128.load(gain + at)));
    }
    const at = (<usize>d) << 2;
    const rest = width - d;
    const part = f32x4.mul(f32x4.mul(loadPart(x + at, rest), r), loadPart(gain + at, rest));
    storePart(y + at, part, rest);
    x += (<usize>width) << 2;
    y += (<usize>width) << 2;
  }
}

/** Sum of squares in the lane order: element i in partial sum i mod 16. */
function sumOfSquares(x: usize, width: i32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; width >= 16; width -= 16) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    a = madd(x0, x0, a);
    b = madd(x1, x1, b);
    c = madd(x2, x2, c);
    d = madd(x3, x3, d);
    x += 64;
  }
  const x0 = loadPart(x, width);
  const x1 = loadPart(x + 16, width - 4);
  const x2 = loadPart(x + 32, width - 8);
  const x3 = loadPart(x + 48, width - 12);
  return foldLanes(madd(x0, x0, a), madd(x1, x1, b), madd(x2, x2, c), madd(x3, x3, d));
}

/** x[i] += y[i], contiguous. */
export function add(x: usize, y: usize, count: i32): void {
  for (; count >= 8; count -= 8) {
    v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
    v128.store(x, f32x4.add(v128.load(x, 16), v128.load(y, 16)), 16);
    x += 32;
    y += 32;
  }
  for (; count > 0; count--) {
    store<f32>(x, load<f32>(x) + load<f32>(y));
    x += 4;
    y += 4;
  }
}

/** x[t, n] += bias[n]. x: [T, xStride]. */
export function addBias(x: usize, xStride: usize, bias: usize, tokenCount: i32, count: i32): void {
  for (let t = 0; t < tokenCount; t++) {
    add(x, bias, count);
    x += xStride << 2;
  }
}
