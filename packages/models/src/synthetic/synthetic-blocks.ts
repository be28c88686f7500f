/**
 * Random blocks of block types: every byte from a hash, then scales that fit.
 *
 * A block format says how far its values spread with random bytes and scale 1; the scales are then
 * chosen so that the values have the deviation that is asked for. They vary from
 * block to block, by 7 random bits in the last places of an f16: up to an eighth of it.
 */
import { BLOCK_FORMATS, type BlockType, f32ToF16 } from '@wafer/core';

type Finish = (target: Uint8Array, at: number, of: { deviation: number; hash: number }) => void;

/** Last touches of odd types: bytes that no quantizer makes, and scales that are no f16. */
const FINISHES: Readonly<Partial<Record<BlockType, Finish>>> = {
  q8_0: avoidMinus128,
  mxfp4: choosePower,
  f8_e4m3: narrowEights('f8_e4m3', 3, 11),
  f8_e5m2: narrowEights('f8_e5m2', 2, 14),
};

/** Writes one block at `at`; `hashOf` gives hash `index` of the block's `count`. */
export type SyntheticBlock = (
  target: Uint8Array,
  at: number,
  hashOf: (index: number, count: number) => number,
) => void;

/** The writer of blocks of a type with values of some standard deviation. */
export function syntheticBlock(type: BlockType, deviation: number): SyntheticBlock {
  const { blockBytes, halfOffsets, random } = BLOCK_FORMATS[type];
  const finish = FINISHES[type];
  const halves = [1, random.secondHalf ?? 0].map((factor) =>
    f32ToF16((factor * deviation) / random.deviation),
  );
  const isHalf = Array.from({ length: blockBytes }, (_, i) =>
    halfOffsets.some((offset) => offset === i || offset === i - 1),
  );
  const hashCount = 1 + Math.ceil((blockBytes - 2 * halfOffsets.length) / 4);
  return (target, at, hashOf) => {
    const first = hashOf(0, hashCount);
    const jitter = first & 0x7f;
    halfOffsets.forEach((offset, i) => {
      const base = halves[i] ?? 0;
      const half = base + Math.min(jitter, base >> 3);
      target[at + offset] = half & 0xff;
      target[at + offset + 1] = half >> 8;
    });
    let [hash, left, index] = [0, 0, 1];
    for (let i = 0; i < blockBytes; i++) {
      if (isHalf[i]) continue;
      if (left === 0) [hash, left] = [hashOf(index++, hashCount), 4];
      target[at + i] = hash & 0xff;
      hash >>>= 8;
      left--;
    }
    finish?.(target, at, { deviation: deviation / random.deviation, hash: first });
  };
}

/** -128 never comes from a quantizer of q8_0: it becomes -127. */
function avoidMinus128(target: Uint8Array, at: number): void {
  for (let i = at + 2; i < at + 34; i++) if (target[i] === 0x80) target[i] = 0x81;
}

/** The power of two below a scale or the one above, so often that squares meet its square. */
function choosePower(
  target: Uint8Array,
  at: number,
  { deviation, hash }: { deviation: number; hash: number },
): void {
  const power = Math.floor(Math.log2(deviation));
  const aboveShare = ((deviation / 2 ** power) ** 2 - 1) / 3;
  target[at] = 128 + power + ((hash & 0x7f) / 128 < aboveShare ? 1 : 0);
}

/** Numbers of 8 bits in four octaves from exponent `lowest` on, and a scale that fits. */
function narrowEights(type: 'f8_e4m3' | 'f8_e5m2', mantissaBits: number, lowest: number): Finish {
  const narrow = Uint8Array.from({ length: 256 }, (_, byte) => {
    const exponent = lowest + ((byte >> mantissaBits) & 3);
    return (byte & 0x80) | (exponent << mantissaBits) | (byte & (2 ** mantissaBits - 1));
  });
  const numbers = Array.from(narrow, (byte) =>
    BLOCK_FORMATS[type].integer(Uint8Array.of(0, 0, 0, 0, byte), 0, 0),
  );
  const squares = numbers.reduce((sum, number) => sum + number * number, 0);
  const unitDeviation = Math.sqrt(squares / numbers.length);
  return (target, at, { deviation, hash }) => {
    const view = new DataView(target.buffer, target.byteOffset + at);
    view.setFloat32(0, (deviation / unitDeviation) * (1 + (hash & 0x7f) / 2048), true);
    for (let i = at + 4; i < at + 132; i++) target[i] = narrow[target[i] as number] as number;
  };
}
