/**
 * Tiny models of several families with seeded weights, for tests of both ways.
 */
import { expertsOf, PLAIN_NETWORK } from '@wafer/core';
import type { ExpertSpec, ModelSpec, RouterSpec } from '@wafer/core';
import { mixtralExperts } from '@wafer/models';
import type { Model } from '@wafer/models';
import { fillUniform } from '../generator.ts';
import { isBiasKind } from '../model/shape-spec.ts';
import type { AdapterSettings } from '../network/adapter.ts';
import type { TrainProgram } from '../network/program.ts';
import type { TrainRow } from '../data/rows.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export const TINY: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  vocabCount: 21,
  modelWidth: 16,
  layerCount: 2,
  headCount: 4,
  kvHeadCount: 2,
  headWidth: 4,
  ffnWidth: 20,
  contextMax: 64,
  normEpsilon: 1e-5,
  rope: { theta: 100, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 4 },
  biases: { qkv: false, attentionOutput: false, ffn: false },
  hasTiedEmbeddings: true,
};

/** A model without a tokenizer, whose values a run draws. */
export function testModel(spec: ModelSpec = TINY): Model {
  return {
    name: 'tiny',
    spec,
    source: { kind: 'synthetic', seed: 0, tensors: {} },
    tokenizer: undefined,
    special: { begin: undefined, addBegin: false, ends: [] },
  };
}

const WINDOWED = { sees: 'window', isRotated: true, ffn: 'dense' } as const;
const FREE = { sees: 'all', isRotated: false, ffn: 'dense' } as const;

/** Five experts of which a token meets two, as Mixtral has them. */
export const TINY_EXPERTS: ModelSpec = {
  ...TINY,
  ffnWidth: 12,
  ...mixtralExperts(5, 2, 12),
};

function withExperts(router: Partial<RouterSpec>, rest: Partial<ExpertSpec>): ModelSpec {
  const experts = expertsOf(TINY_EXPERTS);
  return {
    ...TINY_EXPERTS,
    experts: { ...experts, ...rest, router: { ...experts.router, ...router } },
  };
}

const PLAIN_SPECS: Readonly<Record<string, ModelSpec>> = {
  llama: TINY,
  'llama, untied, pairs': {
    ...TINY,
    hasTiedEmbeddings: false,
    rope: { ...TINY.rope, layout: 'pairs' },
  },
  'qwen2: biases': {
    ...TINY,
    family: 'qwen2',
    biases: { qkv: true, attentionOutput: true, ffn: true },
  },
  'qwen3: norms of heads': {
    ...TINY,
    family: 'qwen3',
    attention: { ...TINY.attention, queryKeyNorm: 'learned' },
  },
  'mistral: windows': {
    ...TINY,
    family: 'mistral',
    layers: { leading: [], repeating: [WINDOWED] },
    attention: { ...TINY.attention, windowTokens: 3 },
  },
  'smollm3: a layer without rotation': {
    ...TINY,
    family: 'smollm3',
    layers: { leading: [], repeating: [FREE, PLAIN_NETWORK.layers.repeating[0]!] },
  },
  'glm4: norms after, half rotated': {
    ...TINY,
    family: 'glm4',
    hasPostNorms: true,
    rope: { ...TINY.rope, rotaryWidth: 2 },
  },
  'mixtral: experts': TINY_EXPERTS,
  'qwen3-moe: weights as they come, a dense layer': {
    ...withExperts({ weights: 'scores' }, { chosenCount: 3 }),
    layers: { leading: PLAIN_NETWORK.layers.repeating, repeating: TINY_EXPERTS.layers.repeating },
  },
  'experts and a shared one, norms after': {
    ...withExperts({}, { sharedWidth: 8 }),
    hasPostNorms: true,
  },
  'gpt-oss: sinks and a clamped activation': {
    ...withExperts({ score: 'none', weights: 'softmax', hasBias: true }, { hasBias: true }),
    family: 'gpt-oss',
    layers: { leading: [], repeating: [{ ...WINDOWED, ffn: 'experts' }] },
    attention: { ...TINY.attention, hasSinks: true, windowTokens: 4 },
    activation: { kind: 'clamped', alpha: 1.7, limit: 0.6 },
  },
};

/** Scores by themselves, a bias for the choice, groups, a factor; one layer is dense. */
export const TINY_SIGMOID: ModelSpec = {
  ...withExperts(
    { score: 'sigmoid', hasSelectionBias: true, groups: { count: 3, keptCount: 2 }, scale: 2.5 },
    { expertCount: 6, sharedWidth: 8 },
  ),
  biases: { qkv: true, attentionOutput: false, ffn: false },
  rope: { ...TINY.rope, rotaryWidth: 2 },
  layers: { leading: PLAIN_NETWORK.layers.repeating, repeating: TINY_EXPERTS.layers.repeating },
  attention: { ...TINY.attention, queryKeyNorm: 'learned' },
};

/** One of each difference that training knows. */
export const TRAINED_SPECS: Readonly<Record<string, ModelSpec>> = {
  ...PLAIN_SPECS,
  'glm-4.5: scores by themselves, groups, a bias': TINY_SIGMOID,
  'scores by themselves, as they come': withExperts(
    { score: 'sigmoid', weights: 'scores', scale: 0.5 },
    { chosenCount: 3 },
  ),
  'a softmax with a bias for the choice': withExperts({ hasSelectionBias: true, scale: 1.5 }, {}),
};

/** Adapters of some matrices, with a factor that is not 1. */
export const TINY_ADAPTERS: AdapterSettings = {
  rank: 3,
  alpha: 5,
  targets: ['q', 'v', 'o', 'down'],
};

/** Adapters of experts beside one of attention. */
export const TINY_EXPERT_ADAPTERS: AdapterSettings = {
  ...TINY_ADAPTERS,
  targets: ['experts.gate', 'v', 'experts.down'],
};

/** Seeded weights of a program, by name. */
export function seededWeights(
  program: TrainProgram,
  { create }: Pick<Arithmetic, 'create'>,
  seed: number,
): Map<string, Numbers> {
  return new Map(
    program.tensors.map(({ name, rows, columns, isVector, kind }, tensor) => {
      const values = new Float32Array(rows * columns);
      // A bias for the choice as large as scores differ would leave experts without tokens.
      const vectorSize = kind === 'router.selectionBias' ? 0.05 : 0.3;
      fillUniform(values, { seed, tensor, a: isVector ? vectorSize : 1 / Math.sqrt(columns) });
      const isBias = isBiasKind(kind);
      const isGain = isVector && !isBias && kind !== 'sinks';
      const numbers = create(values.length);
      values.forEach((value, i) => (numbers[i] = isGain ? 1 + value : value));
      return [name, numbers];
    }),
  );
}

/** A seeded row; its second document starts at `split`, and not all targets count. */
export function seededRow(
  vocabCount: number,
  context: number,
  { seed, split = 0 }: { seed: number; split?: number },
): TrainRow {
  const values = new Float32Array(context + 1);
  fillUniform(values, { seed, tensor: 77, a: 1 });
  const ids = Uint32Array.from(values, (value) => Math.floor(((value + 1) / 2) * vocabCount));
  const counts = Uint8Array.from({ length: context }, (_, t) => (t % 5 === 3 ? 0 : 1));
  return {
    tokens: ids.slice(0, context),
    targets: ids.slice(1),
    counts,
    firsts: Uint32Array.from({ length: context }, (_, t) => (t < split ? 0 : split)),
    countedTargets: counts.reduce((sum, one) => sum + one, 0),
  };
}
