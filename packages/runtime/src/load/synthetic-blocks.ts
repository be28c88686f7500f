/**
 * Random blocks of block types: every byte from a hash, then scales that fit.
 *
 * A row of the table says how far the values of a type spread with random bytes and scale 1; the
 * scales are then chosen so that the values have the deviation that is asked for. They vary from
 * block to block, by 7 random bits in the last places of an f16: up to an eighth of it.
 */
import { BLOCK_FORMATS, type BlockType, f32ToF16 } from '@wafer/core';

interface BlockSpread {
  /** Standard deviation of the values of random bytes, for a first f16 of 1. */
  deviation: number;
  /** The second f16 over the first, where there is one: it moves the mean to 0. */
  secondHalf?: number;
  /** Last touches, such as bytes that no quantiser makes. */
  finish?: (target: Uint8Array, at: number) => void;
}

const SPREADS: Readonly<Record<BlockType, BlockSpread>> = {
  q8_0: { deviation: 73.6, finish: avoidMinus128 }, // integers from -127 to 127
  q4_0: { deviation: 4.61 }, // from -8 to 7
  // Products of uniform s and q, and of m: the mean of q in units of dmin cancels that of s · q.
  // Signed ones have a twentieth more: their d are subnormal, and vary most.
  q2_k: { deviation: 13.87, secondHalf: 1.5 },
  q3_k: { deviation: 45.5 },
  q4_k: { deviation: 258.3, secondHalf: 7.5 },
  q5_k: { deviation: 526.9, secondHalf: 15.5 },
  q6_k: { deviation: 1434 },
};

/** Writes one block at `at`; `hashOf` gives hash `index` of the block's `count`. */
export type SyntheticBlock = (
  target: Uint8Array,
  at: number,
  hashOf: (index: number, count: number) => number,
) => void;

/** The writer of blocks of a type with values of some standard deviation. */
export function syntheticBlock(type: BlockType, deviation: number): SyntheticBlock {
  const { blockBytes, halfOffsets } = BLOCK_FORMATS[type];
  const spread = SPREADS[type];
  const halves = [1, spread.secondHalf ?? 0].map((factor) =>
    f32ToF16((factor * deviation) / spread.deviation),
  );
  const isHalf = Array.from({ length: blockBytes }, (_, i) =>
    halfOffsets.some((offset) => offset === i || offset === i - 1),
  );
  const hashCount = 1 + (blockBytes - 2 * halfOffsets.length) / 4;
  return (target, at, hashOf) => {
    const jitter = hashOf(0, hashCount) & 0x7f;
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
    spread.finish?.(target, at);
  };
}

/** -128 never comes from a quantiser of q8_0: it becomes -127. */
function avoidMinus128(target: Uint8Array, at: number): void {
  for (let i = at + 2; i < at + 34; i++) if (target[i] === 0x80) target[i] = 0x81;
}
