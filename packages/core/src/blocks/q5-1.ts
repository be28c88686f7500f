/**
 * q5_1: 24 bytes, f16 scale, f16 minimum, 32 fifth bits in order of inputs, 32 nibbles.
 *
 * Source: ggml's block formats (value ranges and roundings of its reference quantizers).
 */
import { type BlockFormat, fiveBits, rangeOf, readF16 } from './block-format.ts';
import { writeFiveBits, writeF16 } from './block-format.ts';

export const Q5_1: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 24,
  unit: 2 ** 24,
  halfOffsets: [0, 2],
  ggml: { number: 7, fileType: 9 },
  random: { deviation: 9.23, secondHalf: -15.5 }, // from 0 to 31
  integer: (stored, offset, index) => fiveBits(stored, offset + 4, index),
  scale: readF16,
  minimum: (stored, offset) => readF16(stored, offset + 2),
  quantize(target, offset, values) {
    const { smallest, scale, rounded } = rangeOf(values, 31);
    writeF16(target, offset, scale);
    writeF16(target, offset + 2, smallest);
    writeFiveBits(target, offset + 4, rounded);
  },
};
