/**
 * iq4_xs: 136 bytes for 256 inputs: f16 scale, then scales of 8 groups of 32 in 6 bits (integer +
 * 32): u16 of upper pairs of bits, 4 bytes of lower nibbles; then 8 times 32 nibbles that pick from
 * the table of iq4_nl. In SRAM the groups' scales are bytes, so a block takes 138 bytes.
 *
 * The quantizer fits each group (`fitScale`), then rounds the scales to 6 bits.
 * Source: ggml's block formats (the table and the layout).
 */
import { maxOf } from '../lists.ts';
import { type BlockFormat, nibble, readF16, writeF16 } from './block-format.ts';
import { fitScale, IQ4_TABLE, writeEntries } from './table-nibbles.ts';

const GROUPS = 8;
const NIBBLES_OFFSET = 8;

/** A group's scale in units of the block's, -32 to 31. */
function groupScale(stored: Uint8Array, offset: number, group: number): number {
  const low = ((stored[offset + 4 + (group >> 1)] as number) >> (4 * (group & 1))) & 15;
  const high = ((stored[offset + 2 + (group >> 2)] as number) >> (2 * (group & 3))) & 3;
  return (low | (high << 4)) - 32;
}

function writeGroupScale(target: Uint8Array, offset: number, group: number, scale: number): void {
  const [low, high] = [offset + 4 + (group >> 1), offset + 2 + (group >> 2)];
  const bits = scale + 32;
  target[low] = (target[low] as number) | ((bits & 15) << (4 * (group & 1)));
  target[high] = (target[high] as number) | ((bits >> 4) << (2 * (group & 3)));
}

export const IQ4_XS: BlockFormat = {
  blockColumns: 256,
  groupColumns: 32,
  blockBytes: 136,
  packedBlockBytes: 138,
  unit: 2 ** 24,
  halfOffsets: [0],
  ggml: { number: 23, fileType: 30 },
  random: { deviation: 1340 }, // times group scales from -32 to 31
  integer: (stored, offset, index) => {
    const at = offset + NIBBLES_OFFSET + 16 * (index >> 5);
    return IQ4_TABLE[nibble(stored, at, index & 31)] as number;
  },
  scale: (stored, offset, group) => readF16(stored, offset) * groupScale(stored, offset, group),
  quantize(target, offset, values) {
    const parts = Array.from({ length: GROUPS }, (_, i) => values.subarray(32 * i, 32 * i + 32));
    const fits = parts.map((part) => fitScale(part, IQ4_TABLE));
    writeF16(target, offset, maxOf(fits.map(Math.abs)) / 31);
    const scale = readF16(target, offset);
    target.fill(0, offset + 2, offset + NIBBLES_OFFSET);
    parts.forEach((part, group) => {
      const steps = scale === 0 ? 0 : Math.round((fits[group] as number) / scale);
      const rounded = Math.max(-32, Math.min(31, steps));
      writeGroupScale(target, offset, group, rounded);
      const at = offset + NIBBLES_OFFSET + 16 * group;
      writeEntries(target, at, part, rounded * scale, IQ4_TABLE);
    });
  },
};
