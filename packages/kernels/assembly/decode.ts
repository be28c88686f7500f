/**
 * Stored weights as f32, four at a time.
 *
 * 16-bit types keep outputs i (low half) and i + 4 (high half) in 32-bit word i. An f16's bits,
 * shifted under the exponent of an f32, read as value · 2^-112: exact for every finite f16,
 * subnormal or not. Integers of block types are moved to the top of a 32-bit word, which
 * multiplies them by a unit.
 */
/** 2^112: from f16 bits under an f32 exponent to their value. */
export const F16_UNIT: f32 = reinterpret<f32>(0x77800000);
/** 2^88 and 2^84: the same for scales of integers with a unit of 2^24 and of 2^28. */
export const UNIT24_SCALE: f32 = reinterpret<f32>(0x6b800000);
export const UNIT28_SCALE: f32 = reinterpret<f32>(0x69800000);

/**
 * A zero that no compiler foresees: V8 rebuilds vector constants at each use, unless they look
 * computed.
 */
// @ts-ignore: decorator
@inline
export function hiddenZero(count: i32): i32 {
  return count >> 31;
}

/** The bits of an f16 under an f32 exponent. */
// @ts-ignore: decorator
@inline
export function f16Mask(hidden: i32): v128 {
  return i32x4.splat(0x8fffe000 | hidden);
}

// @ts-ignore: decorator
@inline
export function f16Low(words: v128, mask: v128): v128 {
  return f16High(i32x4.shl(words, 16), mask);
}

// @ts-ignore: decorator
@inline
export function f16High(words: v128, mask: v128): v128 {
  return v128.and(i32x4.shr_s(words, 3), mask);
}

/** The bits of the upper bf16 of a word. */
// @ts-ignore: decorator
@inline
export function bf16Mask(hidden: i32): v128 {
  return i32x4.splat(0xffff0000 | hidden);
}

// @ts-ignore: decorator
@inline
export function bf16Low(words: v128): v128 {
  return i32x4.shl(words, 16);
}

// @ts-ignore: decorator
@inline
export function bf16High(words: v128, mask: v128): v128 {
  return v128.and(words, mask);
}

/** Bytes 4j … 4j + 3 to the tops of four words; index 128 and up gives 0 on every machine. */
// @ts-ignore: decorator
@inline
export function topMask(j: i32, hidden: i32): v128 {
  const first = (j << 26) | 0x00808080 | hidden;
  return i32x4.add(i32x4.splat(first), i32x4(0, 1 << 24, 2 << 24, 3 << 24));
}

/** Four of 16 bytes, at the tops of four words, as f32. */
// @ts-ignore: decorator
@inline
export function topBytes(bytes: v128, mask: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(bytes, mask));
}

/** `count` rows of a panel from f16. */
export function decodeF16(target: usize, source: usize, count: i32): void {
  const factor = f32x4.splat(F16_UNIT);
  const mask = f16Mask(hiddenZero(count));
  for (let i = count * 4; i > 0; i--) {
    const words = v128.load(source);
    v128.store(target, f32x4.mul(f16Low(words, mask), factor));
    v128.store(target, f32x4.mul(f16High(words, mask), factor), 16);
    source += 16;
    target += 32;
  }
}

/** `count` rows of a panel from bf16. */
export function decodeBf16(target: usize, source: usize, count: i32): void {
  const mask = bf16Mask(hiddenZero(count));
  for (let i = count * 4; i > 0; i--) {
    const words = v128.load(source);
    v128.store(target, bf16Low(words));
    v128.store(target, bf16High(words, mask), 16);
    source += 16;
    target += 32;
  }
}

/** One f16 as f32. */
// @ts-ignore: decorator
@inline
export function widenF16(half: u16): f32 {
  const bits = (<i32>(<i16>half) << 16 >> 3) & 0x8fffe000;
  return reinterpret<f32>(bits) * F16_UNIT;
}
