/**
 * A tiny shape of every family that uses all of its features, for tests and to try things out.
 *
 * Uneven on purpose: three KV heads, expert counts and vocabularies that no grid divides, windows
 * shorter than the context, five or more layers so that patterns show. All rows have whole blocks
 * of 32, so that block types fit.
 */
import { PLAIN_NETWORK, type ExpertSpec, type Family, type LayerSpec } from '@wafer/core';
import type { ModelSpec, RouterSpec } from '@wafer/core';
import { SOFTMAX_ROUTER } from '../families/experts.ts';
import { yarnMagnitude } from '../families/hf-rope.ts';
import { patternFrom } from '../families/layer-pattern.ts';

const DENSE: LayerSpec = { sees: 'all', isRotated: true, ffn: 'dense' };
const EXPERTS: LayerSpec = { ...DENSE, ffn: 'experts' };
const LAYER_COUNT = 6;
const WINDOW_TOKENS = 24;

const PLAIN: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  vocabCount: 501,
  modelWidth: 96,
  layerCount: LAYER_COUNT,
  headCount: 6,
  kvHeadCount: 3,
  headWidth: 16,
  ffnWidth: 160,
  contextMax: 256,
  normEpsilon: 1e-5,
  rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 16 },
  biases: { qkv: false, attentionOutput: false, ffn: false },
  hasTiedEmbeddings: false,
};

const LLAMA3: ModelSpec['rope']['scaling'] = {
  kind: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalContext: 64,
};

const QKV_BIASES: ModelSpec['biases'] = { qkv: true, attentionOutput: false, ffn: false };

/** Shapes by family. */
export const FAMILY_SPECS: Readonly<Record<Family, ModelSpec>> = {
  llama: { ...PLAIN, rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3 } },
  llama4: {
    ...PLAIN,
    family: 'llama4',
    ...layers((index) => ({
      sees: index % 4 === 3 ? 'all' : 'chunk',
      isRotated: index % 4 !== 3,
      ffn: index % 2 === 1 ? 'experts' : 'dense',
    })),
    rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3, layout: 'pairs' },
    attention: {
      windowTokens: WINDOW_TOKENS,
      queryKeyNorm: 'unit',
      hasSinks: false,
      temperature: { scale: 0.1, floorTokens: 16 },
    },
    experts: experts(
      { expertCount: 5, chosenCount: 1, sharedWidth: 64, weighsInput: true },
      { score: 'sigmoid', weights: 'scores' },
    ),
  },
  mistral: {
    ...PLAIN,
    family: 'mistral',
    ...layers(() => ({ ...DENSE, sees: 'window' })),
    attention: { ...PLAIN.attention, windowTokens: WINDOW_TOKENS },
  },
  mixtral: {
    ...PLAIN,
    family: 'mixtral',
    ...layers(() => EXPERTS),
    ffnWidth: 64,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    experts: experts({ expertCount: 5, chosenCount: 2 }, {}),
  },
  qwen2: {
    ...PLAIN,
    family: 'qwen2',
    ...layers((index) => ({ ...DENSE, sees: index < 4 ? 'all' : 'window' })),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    biases: QKV_BIASES,
    hasTiedEmbeddings: true,
    attention: { ...PLAIN.attention, windowTokens: WINDOW_TOKENS },
  },
  qwen3: {
    ...PLAIN,
    family: 'qwen3',
    normEpsilon: 1e-6,
    headWidth: 32,
    rope: { ...PLAIN.rope, theta: 1_000_000, rotaryWidth: 32 },
    hasTiedEmbeddings: true,
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
  },
  'qwen3-moe': {
    ...PLAIN,
    family: 'qwen3-moe',
    ...layers(() => EXPERTS),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    experts: experts({ expertCount: 9, chosenCount: 3 }, {}),
  },
  'gpt-oss': {
    ...PLAIN,
    family: 'gpt-oss',
    ...layers((index) => ({ ...EXPERTS, sees: index % 2 === 0 ? 'window' : 'all' })),
    ffnWidth: 64,
    rope: {
      ...PLAIN.rope,
      theta: 150_000,
      scaling: {
        kind: 'yarn',
        factor: 32,
        originalContext: 64,
        betaFast: 32,
        betaSlow: 1,
        attentionFactor: yarnMagnitude(32, 1),
        // GGUF has no word for a range that is not rounded, as published folders have it.
        truncate: true,
      },
    },
    biases: { qkv: true, attentionOutput: true, ffn: false },
    attention: { ...PLAIN.attention, windowTokens: WINDOW_TOKENS, hasSinks: true },
    activation: { kind: 'clamped', alpha: 1.702, limit: 7 },
    experts: experts(
      { expertCount: 7, chosenCount: 4, hasBias: true },
      { score: 'none', hasBias: true, weights: 'softmax' },
    ),
  },
  glm4: {
    ...PLAIN,
    family: 'glm4',
    rope: { ...PLAIN.rope, layout: 'pairs', rotaryWidth: 8 },
    biases: QKV_BIASES,
    hasPostNorms: true,
  },
  'glm4-moe': {
    ...PLAIN,
    family: 'glm4-moe',
    ...layers((index) => (index === 0 ? DENSE : EXPERTS)),
    headWidth: 32,
    rope: { ...PLAIN.rope, rotaryWidth: 16 },
    biases: QKV_BIASES,
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    experts: experts(
      { expertCount: 9, chosenCount: 3, sharedWidth: 64 },
      {
        score: 'sigmoid',
        hasSelectionBias: true,
        groups: { count: 3, keptCount: 2 },
        scale: 2.5,
      },
    ),
  },
  smollm3: {
    ...PLAIN,
    family: 'smollm3',
    ...layers((index) => ({ ...DENSE, isRotated: index % 4 !== 3 })),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 2_000_000 },
    hasTiedEmbeddings: true,
  },
};

function layers(layerAt: (index: number) => LayerSpec): Pick<ModelSpec, 'layers'> {
  return { layers: patternFrom(LAYER_COUNT, layerAt) };
}

function experts(
  spec: Pick<ExpertSpec, 'expertCount' | 'chosenCount'> & Partial<ExpertSpec>,
  router: Partial<RouterSpec>,
): ExpertSpec {
  return {
    expertWidth: 64,
    sharedWidth: 0,
    weighsInput: false,
    hasBias: false,
    ...spec,
    router: { ...SOFTMAX_ROUTER, ...router },
  };
}
