/**
 * Rotary position embedding of panels in place, both ways.
 *
 * Products and their difference or sum are rounded each, in both builds.
 */

/**
 * Rotates heads [h0, h1). x: [panels][heads · headWidth][16]; `isBack`: by -angle.
 * table: [panels][half][(cos, sin)][16].
 */
export function rotatePanels(
  x: usize,
  table: usize,
  panels: i32,
  heads: i32,
  headWidth: i32,
  half: i32,
  isPairs: i32,
  isBack: i32,
  h0: i32,
  h1: i32,
): void {
  const step = isPairs ? 64 : <usize>half << 6;
  const stride = isPairs ? 128 : 64;
  for (let p = 0; p < panels; p++) {
    for (let h = h0; h < h1; h++) {
      let a = x + (<usize>((p * heads + h) * headWidth) << 6);
      let angles = table + (<usize>(p * half) << 7);
      for (let i = 0; i < half; i++) {
        const b = a + step;
        for (let lane: usize = 0; lane < 64; lane += 16) {
          const cos = v128.load(angles + lane);
          const turn = v128.load(angles + lane, 64);
          const sin = isBack ? f32x4.neg(turn) : turn;
          const xa = v128.load(a + lane);
          const xb = v128.load(b + lane);
          v128.store(a + lane, f32x4.sub(f32x4.mul(xa, cos), f32x4.mul(xb, sin)));
          v128.store(b + lane, f32x4.add(f32x4.mul(xb, cos), f32x4.mul(xa, sin)));
        }
        a += stride;
        angles += 128;
      }
    }
  }
}
