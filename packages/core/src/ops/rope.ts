/**
 * Rotary position embedding: rotates pairs of a head's elements by position · frequency.
 *
 * Angles are computed in f64 and shipped as a table of f32 (cos, sin), so that no tile computes a
 * sine. Rounding: products and their difference or sum are rounded each, in both roundings.
 *
 *   halves  pairs (i, i + width/2)      pairs  (2i, 2i + 1)      width = rotaryWidth
 *
 * Source: Su et al. 2021 (RoPE); Peng et al. 2023 (YaRN); the scaling of Llama 3.1.
 */
import type { RopeScaling, RopeSpec } from '../model/spec.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { F32_BYTES, type OpCost, ridesAlong } from './cost.ts';
import type { OpRoom } from './op.ts';
import type { Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** Rotates the heads of `target` in place. */
export interface RopeOp {
  op: 'rope';
  target: NetworkValue;
}

/** Rotates the heads of target in place. */
export interface RopeInstruction {
  op: 'rope';
  target: Rows;
  headCount: number;
}

/** Radians per position of each pair, [rotaryWidth / 2], scaling and frequency factors included. */
export function ropeFrequencies(rope: RopeSpec): Float64Array {
  const { theta, rotaryWidth, scaling, frequencyFactors } = rope;
  const frequencies = new Float64Array(rotaryWidth / 2);
  for (let i = 0; i < frequencies.length; i++) {
    const base = theta ** ((-2 * i) / rotaryWidth) / (frequencyFactors?.[i] ?? 1);
    frequencies[i] = scaleFrequency(base, i, rope, scaling);
  }
  return frequencies;
}

/** What cos and sin are multiplied by: YaRN's attention factor, else 1. */
export function ropeMagnitude(scaling: RopeScaling): number {
  return scaling.kind === 'yarn' ? scaling.attentionFactor : 1;
}

/** Makes rows of the table: (cos, sin) of each pair at a position, [rotaryWidth / 2, 2] f32. */
export function ropeTable(rope: RopeSpec): (position: number) => Float32Array {
  const frequencies = ropeFrequencies(rope);
  const magnitude = ropeMagnitude(rope.scaling);
  return (position) => {
    const row = new Float32Array(rope.rotaryWidth);
    for (let i = 0; i < frequencies.length; i++) {
      const angle = position * (frequencies[i] as number);
      row[2 * i] = Math.cos(angle) * magnitude;
      row[2 * i + 1] = Math.sin(angle) * magnitude;
    }
    return row;
  };
}

/** The table's row of one position. */
export function ropeRow(rope: RopeSpec, position: number): Float32Array {
  return ropeTable(rope)(position);
}

/** Rotates heads in place. Shapes: x [T, headCount, headWidth], table [T, rotaryWidth / 2, 2]. */
export function rotate(
  x: Float32Array,
  table: Float32Array,
  shape: { tokenCount: number; headCount: number; headWidth: number },
  rope: Pick<RopeSpec, 'layout' | 'rotaryWidth'>,
): void {
  const half = rope.rotaryWidth / 2;
  const isPairs = rope.layout === 'pairs';
  for (let t = 0; t < shape.tokenCount; t++) {
    for (let head = 0; head < shape.headCount; head++) {
      const start = (t * shape.headCount + head) * shape.headWidth;
      for (let i = 0; i < half; i++) {
        const a = start + (isPairs ? 2 * i : i);
        const b = isPairs ? a + 1 : a + half;
        const cos = table[(t * half + i) * 2] as number;
        const sin = table[(t * half + i) * 2 + 1] as number;
        rotatePair(x, a, b, cos, sin);
      }
    }
  }
}

function rotatePair(x: Float32Array, a: number, b: number, cos: number, sin: number): void {
  const xa = x[a] as number;
  const xb = x[b] as number;
  x[a] = Math.fround(xa * cos) - Math.fround(xb * sin);
  x[b] = Math.fround(xb * cos) + Math.fround(xa * sin);
}

function scaleFrequency(base: number, i: number, rope: RopeSpec, scaling: RopeScaling): number {
  switch (scaling.kind) {
    case 'none':
      return base;
    case 'linear':
      return base / scaling.factor;
    case 'llama3':
      return scaleLlama3(base, scaling);
    case 'yarn':
      return scaleYarn(base, i, rope, scaling);
  }
}

/** Long waves are stretched, short ones kept, those between blended by their wave length. */
function scaleLlama3(base: number, scaling: RopeScaling & { kind: 'llama3' }): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
  const wavesInContext = (scaling.originalContext * base) / (2 * Math.PI);
  if (wavesInContext < low) return base / factor;
  if (wavesInContext >= high) return base; // low and high may be the same
  const kept = (wavesInContext - low) / (high - low);
  return (1 - kept) * (base / factor) + kept * base;
}

/** Dimensions that turn fewer than betaSlow times are stretched, more than betaFast times kept. */
function scaleYarn(
  base: number,
  i: number,
  rope: RopeSpec,
  scaling: RopeScaling & { kind: 'yarn' },
): number {
  const { rotaryWidth, theta } = rope;
  const dimensionOf = (turns: number): number =>
    (rotaryWidth * Math.log(scaling.originalContext / (turns * 2 * Math.PI))) /
    (2 * Math.log(theta));
  let low = dimensionOf(scaling.betaFast);
  let high = dimensionOf(scaling.betaSlow);
  if (scaling.truncate) [low, high] = [Math.floor(low), Math.ceil(high)];
  low = Math.max(low, 0);
  high = Math.min(high, rotaryWidth - 1);
  if (low === high) high += 0.001; // a ramp of no width would divide by 0
  const stretched = Math.min(1, Math.max(0, (i - low) / (high - low)));
  return (base / scaling.factor) * stretched + base * (1 - stretched);
}

/** Cost of rotating: six operations per pair. */
export function ropeCost(shape: {
  tokenCount: number;
  headCount: number;
  headWidth: number;
  rotaryWidth: number;
}): OpCost {
  const rotated = shape.tokenCount * shape.headCount * shape.rotaryWidth;
  return {
    flops: 3 * rotated,
    weightBytes: 0,
    activationBytes: F32_BYTES * (2 * rotated + shape.tokenCount * shape.rotaryWidth),
  };
}

export const ROPE: OpRoom<RopeOp, RopeInstruction> = {
  flow: ({ target }) => ({ reads: [target], writes: [target], tensors: [] }),
  reference: ({ target }, pass) => {
    const { rope, headWidth } = pass.spec;
    const tokenCount = pass.tokens.length;
    const angles = ropeTable(rope);
    const table = new Float32Array(tokenCount * rope.rotaryWidth);
    for (let p = 0; p < tokenCount; p++) table.set(angles(p), p * rope.rotaryWidth);
    const headCount = target.width / headWidth;
    rotate(pass.read(target), table, { tokenCount, headCount, headWidth }, rope);
  },
  lower: ({ target }, operands) => {
    const headCount = operands.count(target) / operands.spec.headWidth;
    return { op: 'rope', target: operands.rows(target), headCount };
  },
  use: ({ headCount }, { step, constants: { headWidth, rotaryWidth } }) =>
    ridesAlong(ropeCost({ tokenCount: rowsOf(step), headCount, headWidth, rotaryWidth })),
};
