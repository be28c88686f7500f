/**
 * q5_0: 22 bytes, f16 scale, 32 fifth bits in order of inputs, 32 nibbles; of integer + 16.
 *
 * The quantizer makes the value of largest magnitude -16 scales.
 * Source: ggml's block formats (value ranges and roundings of its reference quantizers).
 */
import { type BlockFormat, fiveBits, inverseOf, readF16 } from './block-format.ts';
import { writeFiveBits, writeF16 } from './block-format.ts';

export const Q5_0: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 22,
  unit: 2 ** 24,
  halfOffsets: [0],
  ggml: { number: 6, fileType: 8 },
  random: { deviation: 9.23 }, // from -16 to 15
  integer: (stored, offset, index) => fiveBits(stored, offset + 2, index) - 16,
  scale: readF16,
  quantize(target, offset, values) {
    let extreme = 0;
    for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    const scale = Math.fround(extreme / -16);
    const inverse = inverseOf(scale);
    writeF16(target, offset, scale);
    writeFiveBits(target, offset + 2, (i) => {
      const x = Math.fround((values[i] as number) * inverse);
      return Math.min(31, Math.trunc(Math.fround(x + 16.5)));
    });
  },
};
