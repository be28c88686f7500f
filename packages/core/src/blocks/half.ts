/**
 * 16-bit floating point: f16 (IEEE binary16) and bf16 (the upper half of an f32).
 *
 * Widening is exact. Narrowing, for writers of model files, rounds to nearest, ties to even.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The f32 value of an f16 bit pattern. */
export function f16ToF32(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** The f32 value of a bf16 bit pattern. */
export function bf16ToF32(half: number): number {
  bits[0] = half << 16;
  return float[0] as number;
}

/** The f16 bit pattern nearest to an f32 value; too large becomes infinite. */
export function f32ToF16(value: number): number {
  float[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00; // halfway from the largest f16 to the next
  if (magnitude < 2 ** -14) return sign | tiesToEven(magnitude * 2 ** 24); // units of 2^-24
  const shifted = ((word & 0x7fffffff) - (112 << 23)) / 2 ** 13; // rebias, then drop 13 bits
  return sign | tiesToEven(shifted);
}

/** The bf16 bit pattern nearest to an f32 value. */
export function f32ToBf16(value: number): number {
  float[0] = value;
  const word = bits[0] as number;
  if (Number.isNaN(value)) return (word >>> 16) | 0x40; // stays NaN
  return tiesToEven(word / 2 ** 16);
}

function tiesToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
