/**
 * q4_0: 18 bytes, f16 scale, then 32 nibbles of integer + 8.
 *
 * The quantizer makes the value of largest magnitude -8 scales.
 * Source: ggml's block formats (value ranges and roundings of its reference quantizers).
 */
import { type BlockFormat, inverseOf, nibble, readF16, writeF16 } from './block-format.ts';

export const Q4_0: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 18,
  unit: 2 ** 28,
  halfOffsets: [0],
  ggml: { number: 2, fileType: 2 },
  random: { deviation: 4.61 }, // from -8 to 7
  integer: (stored, offset, index) => nibble(stored, offset + 2, index) - 8,
  scale: readF16,
  quantize(target, offset, values) {
    let extreme = 0;
    for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    const scale = Math.fround(extreme / -8);
    const inverse = inverseOf(scale);
    writeF16(target, offset, scale);
    const rounded = (i: number): number => {
      const x = Math.fround((values[i] as number) * inverse);
      return Math.min(15, Math.trunc(Math.fround(x + 8.5)));
    };
    for (let i = 0; i < 16; i++) target[offset + 2 + i] = rounded(i) | (rounded(i + 16) << 4);
  },
};
