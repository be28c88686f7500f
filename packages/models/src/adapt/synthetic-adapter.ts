/**
 * Low-rank adapters of a real shape with random values: what adapters cost needs no training.
 */
import { ATTENTION_MATRICES, FFN_MATRICES, tensorShapes } from '@wafer/core';
import type { AdapterTarget, ModelSpec } from '@wafer/core';
import type { AdapterOutput, WrittenChange } from './write-adapter.ts';

/** Matrices of dense layers. */
const TARGETS: readonly AdapterTarget[] = [...ATTENTION_MATRICES, ...FFN_MATRICES];

/** What a synthetic adapter is made of. */
export interface SyntheticAdapter {
  rank: number;
  seed: number;
  /** Default: all of dense layers. */
  targets?: readonly AdapterTarget[];
  /** Whether B is 0, as before any training. Default: false. */
  isZero?: boolean;
}

/** An adapter of a model; A within ±1 / √columns, B within ±1 / √rank, alpha twice the rank. */
export function syntheticAdapter(spec: ModelSpec, of: SyntheticAdapter): AdapterOutput {
  const { rank, seed, targets = TARGETS, isZero = false } = of;
  const next = generator(seed);
  const fill = (count: number, range: number): Float32Array =>
    Float32Array.from({ length: count }, () => (next() * 2 - 1) * range);
  const changes = new Map<string, WrittenChange>();
  for (const { name, role, rows, columns } of tensorShapes(spec)) {
    const { part, isBias, layer } = role;
    if (layer === undefined || isBias || !targets.some((target) => target === part)) continue;
    const a = fill(rank * columns, 1 / Math.sqrt(columns));
    const b = fill(rows * rank, isZero ? 0 : 1 / Math.sqrt(rank));
    changes.set(name, { a, b });
  }
  return { spec, base: 'synthetic', rank, alpha: 2 * rank, changes };
}

/** Numbers in [0, 1). Source: Steele, Lea, Flood 2014 (the mix of SplitMix, in 32 bits). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return ((word ^ (word >>> 16)) >>> 0) / 2 ** 32;
  };
}
