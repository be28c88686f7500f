/**
 * How often tokens choose each expert of a layer: evenly, by a skew, or as a run counted it.
 *
 * Choices of one token are drawn one after the other without return, each in proportion to the
 * shares left; tokens choose apart from each other. Draws come from one seed, so the same question
 * has the same answer. Letters: E experts, k chosen.
 */
import { WaferError } from '@wafer/core';

/** Shares of choices by expert, [E], of each layer; one entry stands for all layers. */
export interface ExpertRouting {
  readonly title: string;
  readonly layers: readonly (readonly number[])[];
}

/** What a run writes: how many tokens met each expert, by layer. */
export interface ExpertProfile {
  readonly model: string;
  readonly expertCount: number;
  readonly chosenCount: number;
  readonly layers: readonly { readonly layer: number; readonly counts: readonly number[] }[];
}

/** Every expert is as likely as any other. */
export function evenRouting(count: number): ExpertRouting {
  return { title: 'even', layers: [Array.from({ length: count }, () => 1 / count)] };
}

/** Whether all experts are alike. */
export function isEven({ layers }: ExpertRouting): boolean {
  return layers.every((shares) => shares.every((share) => share === shares[0]));
}

/**
 * The expert of rank r is chosen in proportion to 1 / r^exponent (Zipf). Ranks are spread over ids
 * by the golden section, since models do not store experts by how hot they are.
 */
export function skewedRouting(count: number, exponent: number): ExpertRouting {
  const shares = Array.from({ length: count }, () => 0);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sum += 1 / (rank + 1) ** exponent;
  const stride = coprimeNear(Math.round(count * GOLDEN), count);
  for (let rank = 0; rank < count; rank++) {
    shares[(rank * stride) % count] = 1 / (rank + 1) ** exponent / sum;
  }
  return { title: `skew ${exponent}`, layers: [shares] };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

function coprimeNear(wanted: number, count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, wanted);
  while (divisor(stride, count) !== 1) stride += 1;
  return stride;
}

/** The routing of a profile of a model with as many experts. Throws: PLAN_OPTION. */
export function profiledRouting(
  { model, expertCount, layers }: ExpertProfile,
  count: number,
): ExpertRouting {
  const isCounted =
    expertCount === count &&
    layers.length > 0 &&
    layers.every(({ counts }) => counts.length === count && sumOf(counts) > 0);
  if (!isCounted) {
    const value = `a profile of ${model}, ${expertCount} experts in ${layers.length} layers`;
    const expected = `counts of ${count} experts in each layer that has them`;
    throw new WaferError('PLAN_OPTION', { option: 'routing', value, expected });
  }
  return {
    title: `profile of ${model}`,
    layers: layers.map(({ counts }) => {
      const sum = sumOf(counts);
      return counts.map((own) => own / sum);
    }),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** How many steps of how many tokens are drawn. */
export interface Draws {
  readonly chosen: number;
  readonly tokens: number;
  readonly steps: number;
  readonly seed: number;
}

/** Rows of each expert, [E], in each of the drawn steps. */
export function drawSteps(
  shares: readonly number[],
  { chosen, tokens, steps, seed }: Draws,
): Uint32Array[] {
  const next = randomFrom(seed);
  const count = shares.length;
  const keys = new Float64Array(count);
  return Array.from({ length: steps }, () => {
    const rows = new Uint32Array(count);
    for (let token = 0; token < tokens; token++) {
      // Exponential races: the k first to arrive are k draws without return.
      for (let e = 0; e < count; e++) keys[e] = -Math.log(next()) / shares[e]!;
      for (let j = 0; j < chosen; j++) {
        let first = 0;
        for (let e = 1; e < count; e++) if (keys[e]! < keys[first]!) first = e;
        rows[first]! += 1;
        keys[first] = Number.POSITIVE_INFINITY;
      }
    }
    return rows;
  });
}

/** Numbers in (0, 1] from a seed. Source: Marsaglia, xorshift32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
}
