/**
 * RMS norm of pieces of a row, both ways, 16 tokens side by side. W: width of a piece.
 *
 * Values: [panels][pieces · W][16]; inverse: 1 / rms of each token and piece, [panels][pieces][16].
 */
import { madd } from '../fma';
import { foldLanes } from '../lanes';

/** y = (x · r) · gain; keeps r. gain 0: all ones. Pieces of all panels: [0, panels · pieces). */
export function normForward(
  y: usize,
  x: usize,
  gain: usize,
  inverse: usize,
  pieces: i32, // of all panels
  W: i32,
  epsilon: f32,
): void {
  const size = <usize>W << 6;
  for (let piece = 0; piece < pieces; piece++) {
    for (let half: usize = 0; half < 64; half += 32) {
      rootOf(inverse + half, x + half, W, epsilon);
      const r0 = v128.load(inverse + half);
      const r1 = v128.load(inverse + half, 16);
      for (let d = 0; d < W; d++) {
        const at = (<usize>d << 6) + half;
        let y0 = f32x4.mul(v128.load(x + at), r0);
        let y1 = f32x4.mul(v128.load(x + at, 16), r1);
        if (gain) {
          const factor = v128.load32_splat(gain + (<usize>d << 2));
          y0 = f32x4.mul(y0, factor);
          y1 = f32x4.mul(y1, factor);
        }
        v128.store(y + at, y0);
        v128.store(y + at, y1, 16);
      }
    }
    x += size;
    y += size;
    inverse += 64;
  }
}

/** 1 / √(mean of squares + ε) of 8 tokens. */
function rootOf(inverse: usize, x: usize, W: i32, epsilon: f32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (let d = 0; d < W; d++) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    s0 = madd(x0, x0, s0);
    s1 = madd(x1, x1, s1);
    x += 64;
  }
  const width = f32x4.splat(<f32>W);
  const least = f32x4.splat(epsilon);
  const one = f32x4.splat(1);
  s0 = f32x4.sqrt(f32x4.add(f32x4.div(s0, width), least));
  s1 = f32x4.sqrt(f32x4.add(f32x4.div(s1, width), least));
  v128.store(inverse, f32x4.div(one, s0));
  v128.store(inverse, f32x4.div(one, s1), 16);
}

/** dx (+)= r · (dy · gain) - x · (r³ · s / W), s = Σ (dy · gain) x. dx may be dy. */
export function normInputs(
  dx: usize,
  dy: usize,
  x: usize,
  gain: usize,
  inverse: usize,
  pieces: i32, // of all panels
  W: i32,
  adds: i32,
): void {
  const size = <usize>W << 6;
  const width = f32x4.splat(<f32>W);
  for (let piece = 0; piece < pieces; piece++) {
    for (let lane: usize = 0; lane < 64; lane += 16) {
      let s = f32x4.splat(0);
      for (let d = 0; d < W; d++) {
        const at = (<usize>d << 6) + lane;
        s = madd(scaled(dy + at, gain, d), v128.load(x + at), s);
      }
      const r = v128.load(inverse + lane);
      const cube = f32x4.mul(f32x4.mul(r, r), r);
      const factor = f32x4.neg(f32x4.mul(cube, f32x4.div(s, width)));
      for (let d = 0; d < W; d++) {
        const at = (<usize>d << 6) + lane;
        const own = f32x4.mul(r, scaled(dy + at, gain, d));
        const value = madd(v128.load(x + at), factor, own);
        v128.store(dx + at, adds ? f32x4.add(v128.load(dx + at), value) : value);
      }
    }
    dx += size;
    dy += size;
    x += size;
    inverse += 64;
  }
}

// @ts-ignore: decorator
@inline
function scaled(dy: usize, gain: usize, d: i32): v128 {
  const value = v128.load(dy);
  return gain ? f32x4.mul(value, v128.load32_splat(gain + (<usize>d << 2))) : value;
}

/** dgain[d] (+)= Σ dy · (x · r), tokens in lanes, pieces ascending; elements [d0, d1). */
export function normGain(
  dgain: usize,
  dy: usize,
  x: usize,
  inverse: usize,
  pieces: i32, // of all panels
  W: i32,
  d0: i32,
  d1: i32,
  joins: i32,
): void {
  for (let d = d0; d < d1; d++) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let e = a;
    for (let piece = 0; piece < pieces; piece++) {
      const at = <usize>(piece * W + d) << 6;
      const r = inverse + (<usize>piece << 6);
      a = madd(v128.load(dy + at), f32x4.mul(v128.load(x + at), v128.load(r)), a);
      b = madd(v128.load(dy + at, 16), f32x4.mul(v128.load(x + at, 16), v128.load(r, 16)), b);
      c = madd(v128.load(dy + at, 32), f32x4.mul(v128.load(x + at, 32), v128.load(r, 32)), c);
      e = madd(v128.load(dy + at, 48), f32x4.mul(v128.load(x + at, 48), v128.load(r, 48)), e);
    }
    const target = dgain + (<usize>d << 2);
    const sum = foldLanes(a, b, c, e);
    store<f32>(target, joins ? load<f32>(target) + sum : sum);
  }
}
