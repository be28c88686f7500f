/**
 * Where a row of logits is cut: its likeliest tokens, up to a count or a share of the probability.
 *
 * The tokens are ordered by descending logit, equals by ascending id. The cut is the first token at
 * which the tokens so far reach a target, by count or by weight. It is found without sorting: three
 * passes put the tokens in bins by 11, 11 and 10 bits of their logit (as an unsigned number of the
 * same order), and each goes on within the bin where the target is reached. So the work is O(V) for
 * any logits, and any target.
 *
 * Sums are of f32 weights in f64, by bin and ascending id: they do not depend on any shards.
 */

/** Tokens of a larger key are kept, and of an equal key those up to `lastId`. */
export interface Cut {
  key: number;
  lastId: number;
}

export const BIN_COUNT = 2048;
const LEVELS: readonly { shift: number; isOutside: number }[] = [
  { shift: 21, isOutside: 0 }, // bits above those of the level, which the bin before fixed
  { shift: 10, isOutside: 0xffe00000 },
  { shift: 0, isOutside: 0xfffffc00 },
];
const LEVEL_MASKS = [0x7ff, 0x7ff, 0x3ff] as const;
const MINUS_ZERO = -0x80000000;

/**
 * Cuts to the tokens whose weights reach `target`, or all that weigh something if none do.
 * Shapes: logits, weights: [V]; bins: [BIN_COUNT], scratch.
 */
export function findCut(
  row: { logits: Float32Array; weights: Float32Array },
  target: number,
  bins: Float64Array,
): Cut {
  const bits = bitsOf(row.logits);
  const { weights } = row;
  let key = 0;
  let before = 0; // weight of all tokens above the bin
  for (const [level, { shift, isOutside }] of LEVELS.entries()) {
    const mask = LEVEL_MASKS[level]!;
    bins.fill(0);
    for (let id = 0; id < bits.length; id++) {
      const keyHere = keyOf(bits[id]!);
      if (((keyHere ^ key) & isOutside) !== 0) continue;
      bins[(keyHere >>> shift) & mask]! += weights[id]!;
    }
    let lowest = -1;
    for (let bin = mask; bin >= 0; bin--) {
      if (bins[bin]! === 0) continue;
      if (lowest >= 0) before += bins[lowest]!;
      lowest = bin;
      if (before + bins[bin]! >= target) break;
    }
    key = (key | (Math.max(0, lowest) << shift)) >>> 0;
  }
  return { key, lastId: findLastId({ bits, weights, key }, target - before) };
}

/** Zeroes the weights below the cut. */
export function dropBelow(row: { logits: Float32Array; weights: Float32Array }, cut: Cut): void {
  const bits = bitsOf(row.logits);
  const { weights } = row;
  for (let id = 0; id < bits.length; id++) {
    const key = keyOf(bits[id]!);
    if (key < cut.key || (key === cut.key && id > cut.lastId)) weights[id] = 0;
  }
}

/** Among tokens of one key, the id at which their weights reach the target. */
function findLastId(
  equals: { bits: Int32Array; weights: Float32Array; key: number },
  target: number,
): number {
  const { bits, weights, key } = equals;
  let lastId = -1;
  let sum = 0;
  for (let id = 0; id < bits.length; id++) {
    if (weights[id]! === 0 || keyOf(bits[id]!) !== key) continue;
    lastId = id;
    sum += weights[id]!;
    if (sum >= target) break;
  }
  return lastId;
}

function bitsOf(logits: Float32Array): Int32Array {
  return new Int32Array(logits.buffer, logits.byteOffset, logits.length);
}

/** Order of f32 numbers as order of unsigned numbers; both zeros are one. */
function keyOf(bits: number): number {
  if (bits === MINUS_ZERO) return 0x80000000;
  return (bits ^ ((bits >> 31) | 0x80000000)) >>> 0;
}
