/**
 * q4_1: 20 bytes, f16 scale, f16 minimum, 32 nibbles.
 *
 * Source: ggml's block formats (value ranges and roundings of its reference quantizers).
 */
import { type BlockFormat, nibble, rangeOf, readF16, writeF16 } from './block-format.ts';

export const Q4_1: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 20,
  unit: 1,
  halfOffsets: [0, 2],
  ggml: { number: 3, fileType: 3 },
  random: { deviation: 4.61, secondHalf: -7.5 }, // from 0 to 15
  integer: (stored, offset, index) => nibble(stored, offset + 4, index),
  scale: readF16,
  minimum: (stored, offset) => readF16(stored, offset + 2),
  quantize(target, offset, values) {
    const { smallest, scale, rounded } = rangeOf(values, 15);
    writeF16(target, offset, scale);
    writeF16(target, offset + 2, smallest);
    for (let i = 0; i < 16; i++) target[offset + 4 + i] = rounded(i) | (rounded(i + 16) << 4);
  },
};
