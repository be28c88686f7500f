/**
 * One row of a packed matrix as f32: y[k] = w[row, k].
 */
import { F16_UNIT } from './decode';
import { halfOffset } from './pack';

/** Row of [N/32][K][32] f32. */
export function embedF32(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 7) + (<usize>(row & 31) << 2);
  for (; columnCount > 0; columnCount--) {
    store<f32>(y, load<f32>(w));
    y += 4;
    w += 128;
  }
}

/** Row of [N/32][K][32] f16. */
export function embedF16(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 6) + halfOffset(row & 31);
  for (; columnCount > 0; columnCount--) {
    store<f32>(y, widenF16(load<u16>(w)));
    y += 4;
    w += 64;
  }
}

/** Row of [N/32][K][32] bf16. */
export function embedBf16(y: usize, weights: usize, row: i32, columnCount: i32): void {
  let w = panelOf(weights, row, <usize>columnCount << 6) + halfOffset(row & 31);
  for (; columnCount > 0; columnCount--) {
    store<u32>(y, <u32>load<u16>(w) << 16);
    y += 4;
    w += 64;
  }
}

/** Row of [N/32][K/32] blocks of q8_0. */
export function embedQ8(y: usize, weights: usize, row: i32, columnCount: i32): void {
  const lane = row & 31;
  let block = panelOf(weights, row, <usize>(columnCount >> 5) * 1088);
  for (; columnCount > 0; columnCount -= 32) {
    const scale = widenF16(load<u16>(block + halfOffset(lane)));
    let w = block + 64 + lane;
    for (let i = 0; i < 32; i++) {
      store<f32>(y, <f32>load<i8>(w) * scale);
      y += 4;
      w += 32;
    }
    block += 1088;
  }
}

/** Row of [N/32][K/32] blocks of q4_0. */
export function embedQ4(y: usize, weights: usize, row: i32, columnCount: i32): void {
  const lane = row & 31;
  let block = panelOf(weights, row, <usize>(columnCount >> 5) * 576);
  for (; columnCount > 0; columnCount -= 32) {
    const scale = widenF16(load<u16>(block + halfOffset(lane)));
    let w = block + 64 + (<usize>(lane & 3) << 2);
    const shift = 28 - (lane & ~3);
    for (let i = 0; i < 32; i++) {
      store<f32>(y, <f32>((load<i32>(w) << shift) >> 28) * scale);
      y += 4;
      w += 16;
    }
    block += 576;
  }
}

// @ts-ignore: decorator
@inline
function panelOf(weights: usize, row: i32, panelBytes: usize): usize {
  return weights + <usize>(row >> 5) * panelBytes;
}

// @ts-ignore: decorator
@inline
function widenF16(half: u16): f32 {
  const bits = (<i32>(<i16>half) << 16 >> 3) & 0x8fffe000;
  return reinterpret<f32>(bits) * F16_UNIT;
}
