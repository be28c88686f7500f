/**
 * Appends keys and values to the paged KV cache, in its type. T tokens.
 *
 *   kv block   per head: K, then V (`kv-types.ts`)
 */
import { KV_F16, KV_F32, kvHeadBytes, kvHalfOf, quantizeHead, scaleColumns } from './kv-types';

/** k, v: [T, stride], kvHeadCount heads; blockStride in bytes; blockTable: i32. */
export function kvAppend(
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  k: usize,
  v: usize,
  stride: usize,
  startPosition: i32,
  tokenCount: i32,
  kvHeadCount: i32,
  headWidth: i32,
  kvType: i32,
): void {
  const rowBytes = <usize>headWidth << 2;
  const headBytes = kvHeadBytes(kvType, headWidth);
  for (let t = 0; t < tokenCount; t++) {
    const position = startPosition + t;
    const lane = position & 15;
    const block = load<i32>(blockTable + (<usize>(position >> 4) << 2));
    let target = kv + <usize>block * blockStride;
    for (let head: usize = 0; head < <usize>kvHeadCount; head++) {
      const key = k + head * rowBytes;
      const value = v + head * rowBytes;
      if (kvType === KV_F32) appendF32(target, lane, key, value, headWidth);
      else if (kvType === KV_F16) appendF16(target, lane, key, value, headWidth);
      else appendQ8(target, lane, key, value, headWidth);
      target += headBytes;
    }
    k += stride << 2;
    v += stride << 2;
  }
}

function appendF32(target: usize, lane: usize, k: usize, v: usize, headWidth: i32): void {
  const rowBytes = <usize>headWidth << 2;
  let key = target + (lane << 2);
  for (let d: usize = 0; d < rowBytes; d += 4) {
    store<f32>(key, load<f32>(k + d));
    key += 64;
  }
  const value = target + (rowBytes << 4) + lane * rowBytes;
  for (let d: usize = 0; d < rowBytes; d += 16) {
    v128.store(value + d, v128.load(v + d));
  }
}

function appendF16(target: usize, lane: usize, k: usize, v: usize, headWidth: i32): void {
  let key = target + lanePlace(lane);
  for (let d = 0; d < headWidth; d += 4) {
    const halves = kvHalfOf(v128.load(k));
    v128.store16_lane(key, halves, 0);
    v128.store16_lane(key, halves, 2, 32);
    v128.store16_lane(key, halves, 4, 64);
    v128.store16_lane(key, halves, 6, 96);
    k += 16;
    key += 128;
  }
  const values = target + (<usize>headWidth << 5);
  for (let e = lane * headWidth; headWidth > 0; headWidth -= 4) {
    const halves = kvHalfOf(v128.load(v));
    const value = values + ((e & -8) << 1) + (e & 4 ? 2 : 0);
    v128.store16_lane(value, halves, 0);
    v128.store16_lane(value, halves, 2, 4);
    v128.store16_lane(value, halves, 4, 8);
    v128.store16_lane(value, halves, 6, 12);
    v += 16;
    e += 4;
  }
}

function appendQ8(target: usize, lane: usize, k: usize, v: usize, headWidth: i32): void {
  const integers = <usize>headWidth << 4; // of K, and of V
  const scales = (headWidth / scaleColumns(headWidth)) << 5;
  quantizeHead(target + lane, 16, target + integers + lanePlace(lane), 32, k, headWidth);
  const values = target + integers + scales;
  const scale = values + integers + lane * (scales >> 4);
  quantizeHead(values + lane * headWidth, 1, scale, 2, v, headWidth);
}

/** Offset of a token among 16 f16: word i of four holds tokens i (low half) and i + 4. */
function lanePlace(lane: usize): usize {
  return ((lane & 8) << 1) + ((lane & 3) << 2) + ((lane & 4) >> 1);
}
