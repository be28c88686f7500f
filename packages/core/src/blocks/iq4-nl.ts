/**
 * iq4_nl: 18 bytes, f16 scale, 32 nibbles that pick from a table of 16 integers.
 *
 * The quantizer fits a scale by least squares (`fitScale`) and picks the nearest entries; ggml's
 * searches more scales and weighs by importance, so files differ, not what they mean.
 * Source: ggml's block formats (the table and the layout).
 */
import { type BlockFormat, nibble, readF16, writeF16 } from './block-format.ts';
import { fitScale, IQ4_TABLE, writeEntries } from './table-nibbles.ts';

export const IQ4_NL: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 18,
  unit: 2 ** 24,
  halfOffsets: [0],
  ggml: { number: 20, fileType: 25 },
  random: { deviation: 67.4 }, // of the table
  integer: (stored, offset, index) => IQ4_TABLE[nibble(stored, offset + 2, index)] as number,
  scale: readF16,
  quantize(target, offset, values) {
    writeF16(target, offset, fitScale(values, IQ4_TABLE));
    writeEntries(target, offset + 2, values, readF16(target, offset), IQ4_TABLE);
  },
};
