/**
 * Weights of K-quants in double precision, written again from their published definition.
 *
 * A weight is found the way the format lays it out: 256 weights are two halves of 128 (or four
 * quarters of 64), in which runs of 32 share bytes, each run with bits of its own.
 *
 * Source: ggml-common.h (block_q2_K … block_q6_K) and the dequantisers of ggml-quants.c.
 */

/** The weight of a column in a row of blocks that starts at a byte. */
type Expand = (view: DataView, start: number, column: number) => number;

/** Where a column lies: its block, its place in it, and what that divides into. */
function placeOf(
  start: number,
  column: number,
  blockBytes: number,
): { block: number; place: number; half: number; run: number; byte: number } {
  const place = column % 256;
  return {
    block: start + blockBytes * ((column - place) / 256),
    place,
    half: Math.floor(place / 128),
    run: Math.floor((place % 128) / 32),
    byte: place % 32,
  };
}

/** Some bits of a byte. */
function bitsOf(view: DataView, offset: number, lowest: number, count: number): number {
  return Math.floor(view.getUint8(offset) / 2 ** lowest) % 2 ** count;
}

export const expandQ2K: Expand = (view, start, column) => {
  const { block, place, half, run, byte } = placeOf(start, column, 84);
  const sixteenth = Math.floor(place / 16);
  const step = view.getFloat16(block + 80, true) * bitsOf(view, block + sixteenth, 0, 4);
  const low = view.getFloat16(block + 82, true) * bitsOf(view, block + sixteenth, 4, 4);
  return step * bitsOf(view, block + 16 + 32 * half + byte, 2 * run, 2) - low;
};

export const expandQ3K: Expand = (view, start, column) => {
  const { block, place, half, run, byte } = placeOf(start, column, 110);
  const sixteenth = Math.floor(place / 16);
  // 16 scales of 6 bits: nibbles of 8 bytes, low ones first; upper bits in pairs of 4 bytes.
  const low = bitsOf(view, block + 96 + (sixteenth % 8), sixteenth < 8 ? 0 : 4, 4);
  const high = bitsOf(view, block + 104 + (sixteenth % 4), 2 * Math.floor(sixteenth / 4), 2);
  const step = view.getFloat16(block + 108, true) * (low + 16 * high - 32);
  const isHigh = bitsOf(view, block + byte, 4 * half + run, 1) === 1;
  return step * (bitsOf(view, block + 32 + 32 * half + byte, 2 * run, 2) - (isHigh ? 0 : 4));
};

/** Step and low end of an eighth of a q4_k or q5_k block. */
function stepOf(view: DataView, block: number, eighth: number): { step: number; low: number } {
  const [own, other] = [block + 4 + (eighth % 4), block + 12 + (eighth % 4)];
  const isFirst = eighth < 4;
  const scale = isFirst
    ? bitsOf(view, own, 0, 6)
    : bitsOf(view, other, 0, 4) + 16 * bitsOf(view, own, 6, 2);
  const minimum = isFirst
    ? bitsOf(view, own + 4, 0, 6)
    : bitsOf(view, other, 4, 4) + 16 * bitsOf(view, own + 4, 6, 2);
  return {
    step: view.getFloat16(block, true) * scale,
    low: view.getFloat16(block + 2, true) * minimum,
  };
}

export const expandQ4K: Expand = (view, start, column) => {
  const { block, place, byte } = placeOf(start, column, 144);
  const eighth = Math.floor(place / 32);
  const { step, low } = stepOf(view, block, eighth);
  const nibbles = block + 16 + 32 * Math.floor(place / 64) + byte;
  return step * bitsOf(view, nibbles, eighth % 2 === 0 ? 0 : 4, 4) - low;
};

export const expandQ5K: Expand = (view, start, column) => {
  const { block, place, byte } = placeOf(start, column, 176);
  const eighth = Math.floor(place / 32);
  const { step, low } = stepOf(view, block, eighth);
  const nibbles = block + 48 + 32 * Math.floor(place / 64) + byte;
  const fifth = bitsOf(view, block + 16 + byte, eighth, 1);
  return step * (bitsOf(view, nibbles, eighth % 2 === 0 ? 0 : 4, 4) + 16 * fifth) - low;
};

export const expandQ6K: Expand = (view, start, column) => {
  const { block, place, half, run, byte } = placeOf(start, column, 210);
  const step =
    view.getFloat16(block + 208, true) * view.getInt8(block + 192 + Math.floor(place / 16));
  const nibbles = block + 64 * half + 32 * (run % 2) + byte;
  const low = bitsOf(view, nibbles, run < 2 ? 0 : 4, 4);
  const high = bitsOf(view, block + 128 + 32 * half + byte, 2 * run, 2);
  return step * (low + 16 * high - 32);
};
