/**
 * What is done element by element to weights, gradients and moments; and the sums of squares.
 *
 * Every operation is rounded by itself, in the order of the reference.
 */

/** c = a + b, contiguous; count is a multiple of 4. */
export function addRows(c: usize, a: usize, b: usize, count: i32): void {
  for (; count >= 8; count -= 8) {
    const c0 = f32x4.add(v128.load(a), v128.load(b));
    const c1 = f32x4.add(v128.load(a, 16), v128.load(b, 16));
    v128.store(c, c0);
    v128.store(c, c1, 16);
    a += 32;
    b += 32;
    c += 32;
  }
  if (count > 0) v128.store(c, f32x4.add(v128.load(a), v128.load(b)));
}

/** left += right, contiguous. */
export function addInto(left: usize, right: usize, count: i32): void {
  const whole = count & ~7;
  addRows(left, left, right, whole);
  for (let i = whole; i < count; i++) {
    const at = <usize>i << 2;
    store<f32>(left + at, load<f32>(left + at) + load<f32>(right + at));
  }
}

/** Sums of squares of each block of 4,096 elements, f64 in 4 lanes. */
export function squaresOfBlocks(sums: usize, x: usize, count: i32): void {
  for (; count > 0; count -= 4096) {
    let low = f64x2.splat(0);
    let high = low;
    let left = min(count, 4096);
    for (; left >= 4; left -= 4) {
      const four = v128.load(x);
      const a = f64x2.promote_low_f32x4(four);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
      x += 16;
    }
    let s0 = f64x2.extract_lane(low, 0);
    let s1 = f64x2.extract_lane(low, 1);
    let s2 = f64x2.extract_lane(high, 0);
    if (left > 0) s0 += square(x);
    if (left > 1) s1 += square(x + 4);
    if (left > 2) s2 += square(x + 8);
    store<f64>(sums, s0 + s1 + (s2 + f64x2.extract_lane(high, 1)));
    sums += 8;
  }
}

function square(at: usize): f64 {
  const value = <f64>load<f32>(at);
  return value * value;
}

/**
 * AdamW of `count` elements, a multiple of 4. scalars: f32 [10] in the order decay, beta1, beta2,
 * 1 - beta1, 1 - beta2, correction1, correction2, lr, eps, scale.
 */
export function adamW(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  scalars: usize,
): void {
  const decay = v128.load32_splat(scalars);
  const beta1 = v128.load32_splat(scalars, 4);
  const beta2 = v128.load32_splat(scalars, 8);
  const rest1 = v128.load32_splat(scalars, 12);
  const rest2 = v128.load32_splat(scalars, 16);
  const correction1 = v128.load32_splat(scalars, 20);
  const correction2 = v128.load32_splat(scalars, 24);
  const lr = v128.load32_splat(scalars, 28);
  const eps = v128.load32_splat(scalars, 32);
  const scale = v128.load32_splat(scalars, 36);
  for (; count > 0; count -= 4) {
    const gradient = f32x4.mul(v128.load(g), scale);
    const held = v128.load(w);
    const weight = f32x4.sub(held, f32x4.mul(decay, held));
    const first = f32x4.add(f32x4.mul(beta1, v128.load(m)), f32x4.mul(rest1, gradient));
    const squares = f32x4.mul(rest2, f32x4.mul(gradient, gradient));
    const second = f32x4.add(f32x4.mul(beta2, v128.load(v)), squares);
    v128.store(m, first);
    v128.store(v, second);
    const root = f32x4.add(f32x4.sqrt(f32x4.div(second, correction2)), eps);
    const step = f32x4.mul(lr, f32x4.div(f32x4.div(first, correction1), root));
    v128.store(w, f32x4.sub(weight, step));
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}

/** u = momentum · u + g; w = (w - decay · w) - lr · u. Count: a multiple of 4. */
export function sgdMomentum(
  w: usize,
  g: usize,
  u: usize,
  count: i32,
  lr: f32,
  decay: f32,
  momentum: f32,
  scale: f32,
): void {
  for (; count > 0; count -= 4) {
    const gradient = f32x4.mul(v128.load(g), f32x4.splat(scale));
    const speed = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(u)), gradient);
    v128.store(u, speed);
    const held = v128.load(w);
    const weight = f32x4.sub(held, f32x4.mul(f32x4.splat(decay), held));
    v128.store(w, f32x4.sub(weight, f32x4.mul(f32x4.splat(lr), speed)));
    w += 16;
    g += 16;
    u += 16;
  }
}

/** x *= factor, contiguous; count is a multiple of 4. */
export function scaleBy(x: usize, count: i32, factor: f32): void {
  for (; count > 0; count -= 4) {
    v128.store(x, f32x4.mul(v128.load(x), f32x4.splat(factor)));
    x += 16;
  }
}

/**
 * Weights as rows in bf16 read them: rounded to the nearest, ties to even; NaN stays NaN. Count: a
 * multiple of 4.
 */
export function roundWeights(target: usize, source: usize, count: i32): void {
  const upper = i32x4.splat(<i32>0xffff0000);
  for (; count > 0; count -= 4) {
    const held = v128.load(source);
    const odd = v128.and(i32x4.shr_u(held, 16), i32x4.splat(1));
    const rounded = i32x4.add(held, i32x4.add(odd, i32x4.splat(0x7fff)));
    const nan = v128.or(held, i32x4.splat(0x400000));
    const words = v128.bitselect(rounded, nan, f32x4.eq(held, held));
    v128.store(target, v128.and(words, upper));
    target += 16;
    source += 16;
  }
}
