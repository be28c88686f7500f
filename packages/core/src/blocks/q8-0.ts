/**
 * q8_0: 34 bytes, f16 scale, then 32 i8.
 *
 * Source: ggml's block formats (value ranges and roundings of its reference quantizers).
 */
import { type BlockFormat, inverseOf, readF16, writeF16 } from './block-format.ts';

export const Q8_0: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 34,
  unit: 2 ** 24,
  halfOffsets: [0],
  ggml: { number: 8, fileType: 7 },
  random: { deviation: 73.6 }, // integers from -127 to 127
  integer: (stored, offset, index) => ((stored[offset + 2 + index] as number) << 24) >> 24,
  scale: readF16,
  quantize(target, offset, values) {
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    const scale = Math.fround(largest / 127);
    const inverse = inverseOf(scale);
    writeF16(target, offset, scale);
    for (let i = 0; i < 32; i++) {
      const x = Math.fround((values[i] as number) * inverse);
      target[offset + 2 + i] = (Math.sign(x) * Math.floor(Math.abs(x) + 0.5)) & 255;
    }
  },
};
