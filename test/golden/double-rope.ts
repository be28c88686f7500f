/**
 * Rotary positions in double precision, each scaling written again from where it was published.
 *
 * Frequencies are seen as wave lengths (positions per full turn) here, unlike in the product.
 *
 * Source: Su et al. 2021 (RoPE, eq. 15); Chen et al. 2023 (linear interpolation); Meta's reference
 * implementation of Llama 3.1; Peng et al. 2023 (YaRN, sections 3.2 to 3.4).
 */
import type { RopeScaling, RopeSpec } from '@wafer/core';

/** Rotates all heads of one token in place. Shapes: x [heads, headWidth]. */
export function rotateDouble(
  x: Float64Array,
  options: { rope: RopeSpec; headWidth: number; position: number },
): void {
  const { rope, headWidth, position } = options;
  const { layout, rotaryWidth, scaling } = rope;
  const lengthening = scaling.kind === 'yarn' ? scaling.attentionFactor : 1;
  for (let pair = 0; pair < rotaryWidth / 2; pair++) {
    const angle = (2 * Math.PI * position) / waveLength(rope, pair);
    const turnedRe = lengthening * Math.cos(angle);
    const turnedIm = lengthening * Math.sin(angle);
    const [first, second] =
      layout === 'halves' ? [pair, pair + rotaryWidth / 2] : [2 * pair, 2 * pair + 1];
    for (let head = 0; head < x.length; head += headWidth) {
      const re = x[head + first] as number;
      const im = x[head + second] as number;
      x[head + first] = re * turnedRe - im * turnedIm;
      x[head + second] = re * turnedIm + im * turnedRe;
    }
  }
}

/** How many times slower than without scaling each pair turns. */
export function ropeDivisors(rope: RopeSpec): Float64Array {
  const plain: RopeSpec = { ...rope, scaling: { kind: 'none' } };
  return Float64Array.from(
    { length: rope.rotaryWidth / 2 },
    (_, pair) => waveLength(rope, pair) / waveLength(plain, pair),
  );
}

/** Positions in which a pair turns once. */
function waveLength(rope: RopeSpec, pair: number): number {
  const { theta, rotaryWidth, scaling, frequencyFactors } = rope;
  const divisor = frequencyFactors?.[pair] ?? 1;
  const plain = 2 * Math.PI * Math.pow(theta, (2 * pair) / rotaryWidth) * divisor;
  switch (scaling.kind) {
    case 'none':
      return plain;
    case 'linear':
      return plain * scaling.factor;
    case 'llama3':
      return llama3Length(plain, scaling);
    case 'yarn':
      return yarnLength(plain, pair, rope, scaling);
  }
}

function llama3Length(plain: number, scaling: RopeScaling & { kind: 'llama3' }): number {
  const { factor, originalContext: context } = scaling;
  const shortest = context / scaling.highFrequencyFactor;
  const longest = context / scaling.lowFrequencyFactor;
  if (plain < shortest) return plain;
  if (plain > longest) return plain * factor;
  const smooth =
    (context / plain - scaling.lowFrequencyFactor) /
    (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
  return 1 / ((1 - smooth) / (plain * factor) + smooth / plain);
}

/** Interpolation by parts: γ is 1 (as trained) for pairs that turn often, 0 for the slow ones. */
function yarnLength(
  plain: number,
  pair: number,
  { theta, rotaryWidth }: RopeSpec,
  scaling: RopeScaling & { kind: 'yarn' },
): number {
  // The pair whose wave fits `turns` times into the original context, as a real number.
  const pairOf = (turns: number): number => {
    const length = scaling.originalContext / turns;
    return ((rotaryWidth / 2) * Math.log(length / (2 * Math.PI))) / Math.log(theta);
  };
  const round = (value: number, how: (x: number) => number): number =>
    scaling.truncate ? how(value) : value;
  const low = Math.max(0, round(pairOf(scaling.betaFast), Math.floor));
  const high = Math.min(rotaryWidth - 1, round(pairOf(scaling.betaSlow), Math.ceil));
  const gamma = 1 - Math.min(Math.max((pair - low) / Math.max(high - low, 1e-3), 0), 1);
  return 1 / ((1 - gamma) / (plain * scaling.factor) + gamma / plain);
}
