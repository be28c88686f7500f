/**
 * f8_e4m3 and f8_e5m2: 132 bytes for 128 inputs: f32 scale, then 128 numbers of 8 bits.
 *
 * The block is ours: files hold numbers and scales apart, and the reader brings them together. A
 * tensor's or a row's scale is that of all its blocks; a scale of 128 × 128 that of 128 rows.
 *
 *   E4M3   s eeee mmm    bias 7; no infinity, 0x7f and 0xff are no numbers; up to 448
 *   E5M2   s eeeee mm    bias 15, an f16 cut short; exponent 31 is no finite number; up to 57,344
 *
 * The quantizer gives the largest value the largest number, and rounds to nearest.
 * Source: OCP 8-bit Floating Point Specification 1.0.
 */
import { f16ToF32 } from './half.ts';
import type { BlockFormat } from './block-format.ts';

const SCALE_BYTES = 4;

function f8Format(numbers: readonly number[]): BlockFormat {
  // By magnitude: bytes without a sign ascend.
  const finite = numbers.slice(0, 128).filter(Number.isFinite);
  const largestNumber = finite.at(-1) as number;
  return {
    blockColumns: 128,
    groupColumns: 128,
    blockBytes: SCALE_BYTES + 128,
    unit: 1,
    halfOffsets: [],
    random: { deviation: 1 },
    integer: (stored, offset, index) =>
      numbers[stored[offset + SCALE_BYTES + index] as number] as number,
    scale: (stored, offset) => viewOf(stored, offset).getFloat32(0, true),
    quantize(target, offset, values) {
      let largest = 0;
      for (const value of values) largest = Math.max(largest, Math.abs(value));
      const scale = Math.fround(largest / largestNumber);
      viewOf(target, offset).setFloat32(0, scale, true);
      values.forEach((value, i) => {
        const magnitude = scale === 0 ? 0 : Math.abs(value) / scale;
        const sign = value < 0 ? 128 : 0;
        target[offset + SCALE_BYTES + i] = sign | nearest(finite, magnitude);
      });
    },
  };
}

function viewOf(bytes: Uint8Array, offset: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + offset);
}

/** Index of the ascending number nearest to a value; of two, the even one. */
function nearest(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= value) low = middle;
    else high = middle;
  }
  const [below, above] = [value - (ascending[low] as number), (ascending[high] as number) - value];
  if (below === above) return low % 2 === 0 ? low : high;
  return below < above ? low : high;
}

function e4m3(byte: number): number {
  const sign = byte & 128 ? -1 : 1;
  const [exponent, mantissa] = [(byte >> 3) & 15, byte & 7];
  if ((byte & 127) === 127) return NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -9 : sign * (8 + mantissa) * 2 ** (exponent - 10);
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

export const F8_E4M3: BlockFormat = f8Format(BYTES.map(e4m3));
export const F8_E5M2: BlockFormat = f8Format(BYTES.map((byte) => f16ToF32(byte << 8)));
