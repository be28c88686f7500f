/**
 * Keys and values of one head in a KV block, by type; the roundings are those of the reference
 * (`ops/kv-types.ts` of `@wafer/core`).
 *
 *   f32    K [headWidth][16 tokens], V [16][headWidth]
 *   f16    the same; of 8 neighbors, 32-bit word i holds i (low half) and i + 4 (high half)
 *   q8_0   K i8 [headWidth][16], K scales f16 [blocks][16] (words as above),
 *          V i8 [16][headWidth], V scales f16 [16][blocks]
 */
import { decodeF16, f16High, f16Low, f16Mask, hiddenZero, UNIT24_SCALE } from './decode';

export const KV_F32: i32 = 0;
export const KV_F16: i32 = 1;

/** The largest f16. */
const F16_MAX: f32 = 65504;
/** At most half of the smallest f16: rounds to 0. */
const ZERO_MAX: f32 = reinterpret<f32>(0x33000000); // 2^-25

/** Bytes 4j … 4j + 3 to the tops of four words; index 128 and up gives 0 on every machine. */
// @ts-ignore: decorator
@inline
function topMask(j: i32, hidden: i32): v128 {
  const first = (j << 26) | 0x00808080 | hidden;
  return i32x4.add(i32x4.splat(first), i32x4(0, 1 << 24, 2 << 24, 3 << 24));
}

/** Four of 16 bytes, at the tops of four words, as f32. */
// @ts-ignore: decorator
@inline
function topBytes(bytes: v128, mask: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(bytes, mask));
}

/** Elements of a head that share a scale. */
export function scaleColumns(headWidth: i32): i32 {
  return 1 << min(5, ctz(headWidth));
}

/** Bytes of one head in a KV block. */
export function kvHeadBytes(kvType: i32, headWidth: i32): usize {
  if (kvType === KV_F32) return <usize>headWidth << 7;
  if (kvType === KV_F16) return <usize>headWidth << 6;
  return (<usize>headWidth << 5) + (<usize>(headWidth / scaleColumns(headWidth)) << 6);
}

/**
 * The nearest f16 of four numbers, in the low half of each word; magnitudes stop at the largest.
 *
 * Adding 2^(e + 15) to 4x leaves ten bits after its leading one, rounded as every sum is.
 * Source: Dukhan, FP16 (fp16_ieee_from_fp32_value).
 */
export function kvHalfOf(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const magnitude = f32x4.pmin(v128.xor(x, sign), f32x4.splat(F16_MAX));
  const exponent = v128.and(magnitude, i32x4.splat(0x7f800000));
  const least = i32x4.max_u(exponent, i32x4.splat(0x38800000)); // 2^-14
  const bias = i32x4.add(least, i32x4.splat(0x07800000));
  const sum = f32x4.add(f32x4.mul(magnitude, f32x4.splat(4)), bias);
  const high = v128.and(i32x4.shr_u(sum, 13), i32x4.splat(0x7c00));
  const bits = i32x4.add(high, v128.and(sum, i32x4.splat(0x0fff)));
  return v128.or(bits, i32x4.shr_u(sign, 16));
}

/**
 * Writes a head's integers, `step` bytes apart, and the scales of its blocks, `scaleStep` apart.
 */
export function quantizeHead(
  integers: usize,
  step: usize,
  scales: usize,
  scaleStep: usize,
  x: usize,
  headWidth: i32,
): void {
  const columns = scaleColumns(headWidth);
  for (; headWidth > 0; headWidth -= columns) {
    const scale = largestMagnitude(x, columns) / 127;
    const isZero = scale <= ZERO_MAX;
    const half = kvHalfOf(f32x4.splat(isZero ? 0 : scale));
    v128.store16_lane(scales, half, 0);
    scales += scaleStep;
    const inverse = f32x4.splat(isZero ? 0 : 1 / scale);
    for (let i = columns; i > 0; i -= 4) {
      const q = roundAway(f32x4.mul(v128.load(x), inverse));
      store<u8>(integers, i32x4.extract_lane(q, 0));
      store<u8>(integers + step, i32x4.extract_lane(q, 1));
      store<u8>(integers + 2 * step, i32x4.extract_lane(q, 2));
      store<u8>(integers + 3 * step, i32x4.extract_lane(q, 3));
      integers += 4 * step;
      x += 16;
    }
  }
}

function largestMagnitude(x: usize, count: i32): f32 {
  let largest = f32x4.splat(0);
  for (; count > 0; count -= 4) {
    largest = f32x4.pmax(largest, f32x4.abs(v128.load(x)));
    x += 16;
  }
  const low = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1));
  return max(low, max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)));
}

/** The nearest integers, halves away from zero. */
// @ts-ignore: decorator
@inline
function roundAway(x: v128): v128 {
  const whole = f32x4.trunc(x);
  const rest = f32x4.sub(x, whole); // exact
  const up = f32x4.ge(rest, f32x4.splat(0.5));
  const down = f32x4.le(rest, f32x4.splat(-0.5));
  return i32x4.add(i32x4.sub(i32x4.trunc_sat_f32x4_s(whole), up), down);
}

/** A head of a KV block as f32; where it is f32 already, its own address. */
// @ts-ignore: decorator
@inline
export function kvAsF32(kvType: i32, target: usize, source: usize, headWidth: i32): usize {
  if (kvType === KV_F32) return source;
  if (kvType === KV_F16) decodeF16(target, source, headWidth);
  else decodeHead(target, source, headWidth);
  return target;
}

function decodeHead(target: usize, source: usize, headWidth: i32): void {
  const columns = scaleColumns(headWidth);
  const hidden = hiddenZero(headWidth);
  const scales = source + (<usize>headWidth << 4);
  decodeKeys(target, source, scales, headWidth, columns, hidden);
  target += <usize>headWidth << 6;
  const values = scales + (<usize>(headWidth / columns) << 5);
  decodeValues(target, values, values + (<usize>headWidth << 4), headWidth, columns, hidden);
}

function decodeKeys(
  target: usize,
  source: usize,
  scales: usize,
  headWidth: i32,
  columns: i32,
  hidden: i32,
): void {
  const m0 = topMask(0, hidden);
  const m1 = topMask(1, hidden);
  const m2 = topMask(2, hidden);
  const m3 = topMask(3, hidden);
  const mask = f16Mask(hidden);
  const unit = f32x4.splat(UNIT24_SCALE);
  for (; headWidth > 0; headWidth -= columns) {
    const low = v128.load(scales);
    const high = v128.load(scales, 16);
    const s0 = f32x4.mul(f16Low(low, mask), unit);
    const s1 = f32x4.mul(f16High(low, mask), unit);
    const s2 = f32x4.mul(f16Low(high, mask), unit);
    const s3 = f32x4.mul(f16High(high, mask), unit);
    scales += 32;
    for (let i = columns; i > 0; i--) {
      const bytes = v128.load(source);
      v128.store(target, f32x4.mul(topBytes(bytes, m0), s0));
      v128.store(target, f32x4.mul(topBytes(bytes, m1), s1), 16);
      v128.store(target, f32x4.mul(topBytes(bytes, m2), s2), 32);
      v128.store(target, f32x4.mul(topBytes(bytes, m3), s3), 48);
      source += 16;
      target += 64;
    }
  }
}

function decodeValues(
  target: usize,
  source: usize,
  scales: usize,
  headWidth: i32,
  columns: i32,
  hidden: i32,
): void {
  const m0 = topMask(0, hidden);
  const m1 = topMask(1, hidden);
  const m2 = topMask(2, hidden);
  const m3 = topMask(3, hidden);
  const mask = f16Mask(hidden);
  const unit = f32x4.splat(UNIT24_SCALE);
  for (let i = headWidth << 4; i > 0; i -= columns) {
    const scale = f32x4.mul(f16Low(v128.load16_splat(scales), mask), unit);
    scales += 2;
    let rest = columns;
    for (; rest >= 16; rest -= 16) {
      const bytes = v128.load(source);
      v128.store(target, f32x4.mul(topBytes(bytes, m0), scale));
      v128.store(target, f32x4.mul(topBytes(bytes, m1), scale), 16);
      v128.store(target, f32x4.mul(topBytes(bytes, m2), scale), 32);
      v128.store(target, f32x4.mul(topBytes(bytes, m3), scale), 48);
      source += 16;
      target += 64;
    }
    for (; rest > 0; rest -= 4) {
      const bytes = v128.load32_splat(source);
      v128.store(target, f32x4.mul(topBytes(bytes, m0), scale));
      source += 4;
      target += 16;
    }
  }
}
