/**
 * mxfp4: 17 bytes, a power of two (E8M0: 2^(byte - 127), 255 is none), 32 nibbles of E2M1.
 *
 * The integers are twice the numbers of E2M1, the scale half the power: 2^(byte - 128). GPT-OSS
 * folders hold the same blocks with another order of nibbles; the reader turns it into this one.
 * The quantizer takes the largest power that leaves the largest value below 8, and the nearest
 * number; what is above 6 becomes 6.
 * Source: OCP Microscaling Formats 1.0; ggml's block formats (the layout).
 */
import { type BlockFormat, nibble } from './block-format.ts';
import { writeEntries } from './table-nibbles.ts';

const DOUBLED: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

const BIAS = 128;

export const MXFP4: BlockFormat = {
  blockColumns: 32,
  groupColumns: 32,
  blockBytes: 17,
  unit: 2 ** 24,
  halfOffsets: [],
  ggml: { number: 39, fileType: 38 },
  random: { deviation: 5.85 }, // of the table
  integer: (stored, offset, index) => DOUBLED[nibble(stored, offset + 1, index)] as number,
  scale: (stored, offset) => {
    const byte = stored[offset] as number;
    return byte === 255 ? NaN : 2 ** (byte - BIAS);
  },
  quantize(target, offset, values) {
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    const power = largest === 0 ? -BIAS : Math.floor(Math.log2(largest)) - 3;
    const byte = Math.max(0, Math.min(254, power + BIAS));
    target[offset] = byte;
    writeEntries(target, offset + 1, values, 2 ** (byte - BIAS), DOUBLED);
  },
};
