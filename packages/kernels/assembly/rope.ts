/**
 * Rotary position embedding in place. T tokens; table [T, rotaryWidth / 2, (cos, sin)].
 *
 * Products and their difference or sum are rounded each, in both builds.
 */

/** Rotates the heads of x. x: [T, xStride]; isPairs: 0 pairs (i, i + width/2), 1 (2i, 2i + 1). */
export function rope(
  x: usize,
  xStride: usize,
  table: usize,
  tokenCount: i32,
  headCount: i32,
  headWidth: i32,
  rotaryWidth: i32,
  isPairs: i32,
): void {
  const half = rotaryWidth >> 1;
  for (let t = 0; t < tokenCount; t++) {
    let head = x;
    for (let h = 0; h < headCount; h++) {
      if (isPairs) rotatePairs(head, table, half);
      else rotateHalves(head, table, half);
      head += <usize>headWidth << 2;
    }
    x += xStride << 2;
    table += <usize>rotaryWidth << 2;
  }
}

function rotateHalves(a: usize, table: usize, half: i32): void {
  let b = a + (<usize>half << 2);
  for (; half >= 4; half -= 4) {
    const low = v128.load(table);
    const high = v128.load(table, 16);
    const cos = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const sin = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    const xa = v128.load(a);
    const xb = v128.load(b);
    v128.store(a, f32x4.sub(f32x4.mul(xa, cos), f32x4.mul(xb, sin)));
    v128.store(b, f32x4.add(f32x4.mul(xb, cos), f32x4.mul(xa, sin)));
    a += 16;
    b += 16;
    table += 32;
  }
  for (; half > 0; half--) {
    rotateOne(a, b, table);
    a += 4;
    b += 4;
    table += 8;
  }
}

function rotatePairs(a: usize, table: usize, half: i32): void {
  for (; half > 0; half--) {
    rotateOne(a, a + 4, table);
    a += 8;
    table += 8;
  }
}

// @ts-ignore: decorator
@inline
function rotateOne(a: usize, b: usize, table: usize): void {
  const cos = load<f32>(table);
  const sin = load<f32>(table, 4);
  const xa = load<f32>(a);
  const xb = load<f32>(b);
  store<f32>(a, xa * cos - xb * sin);
  store<f32>(b, xb * cos + xa * sin);
}
