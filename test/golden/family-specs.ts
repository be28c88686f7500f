/**
 * A tiny shape of every family, with all that its published models do differently.
 *
 * Uneven on purpose: three KV heads, widths that are no multiple of a panel; every matrix has
 * whole blocks of 32. Windows and chunks are short enough to matter within two dozen tokens.
 *
 * Source: the configs and modeling files of Llama 3.1 and 4, Mistral 7B, Mixtral 8x7B, Qwen 2.5
 * and 3, GPT-OSS, GLM-4 and GLM-4.5, SmolLM 3 as published with their weights.
 */
import { PLAIN_NETWORK } from '@wafer/core';
import type { ExpertSpec, LayerSpec, ModelSpec, RouterSpec } from '@wafer/core';
import type { Family } from '@wafer/models';

/**
 * Families, and shapes for what their published configs leave out of mask: GLM-4.5 has one group
 * of experts, random weights never reach GPT-OSS's limit of 7, Llama 4 Maverick has no norms of q
 * and k and a dense layer between those with experts.
 */
export type GoldenFamily =
  | Family
  | 'gpt-oss, tight clamp'
  | 'glm4-moe, groups'
  | 'llama4, dense between';

const NO_BIASES = { qkv: false, attentionOutput: false, ffn: false };
const DENSE: LayerSpec = { sees: 'all', isRotated: true, ffn: 'dense' };
const EXPERTS: LayerSpec = { ...DENSE, ffn: 'experts' };

const SOFTMAX_ROUTER: RouterSpec = {
  score: 'softmax',
  hasBias: false,
  hasSelectionBias: false,
  groups: undefined,
  weights: 'normalized',
  scale: 1,
};

const EIGHT_EXPERTS: ExpertSpec = {
  expertCount: 8,
  chosenCount: 2,
  expertWidth: 64,
  sharedWidth: 0,
  router: SOFTMAX_ROUTER,
  weighsInput: false,
  hasBias: false,
};

const PLAIN: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  vocabCount: 509,
  modelWidth: 96,
  layerCount: 2,
  headCount: 6,
  kvHeadCount: 3,
  headWidth: 16,
  ffnWidth: 160,
  contextMax: 256,
  normEpsilon: 1e-5,
  rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 16 },
  biases: NO_BIASES,
  hasTiedEmbeddings: false,
};

const LLAMA3: ModelSpec['rope']['scaling'] = {
  kind: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalContext: 32,
};

function repeating(...layers: LayerSpec[]): ModelSpec['layers'] {
  return { leading: [], repeating: layers };
}

/** Three layers with positions, then one without. */
function everyFourthUnrotated(rotated: LayerSpec): LayerSpec[] {
  return [rotated, rotated, rotated, { ...rotated, sees: 'all', isRotated: false }];
}

const GLM4_MOE: ModelSpec = {
  ...PLAIN,
  family: 'glm4-moe',
  layerCount: 3,
  headWidth: 32,
  headCount: 6,
  rope: { ...PLAIN.rope, rotaryWidth: 16 },
  biases: { ...NO_BIASES, qkv: true },
  layers: { leading: [DENSE], repeating: [EXPERTS] },
  attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
  experts: {
    ...EIGHT_EXPERTS,
    chosenCount: 3,
    sharedWidth: 64,
    router: { ...SOFTMAX_ROUTER, score: 'sigmoid', hasSelectionBias: true, scale: 2.5 },
  },
};

const LLAMA4: ModelSpec = {
  ...PLAIN,
  family: 'llama4',
  layerCount: 4,
  rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3, layout: 'pairs' },
  layers: repeating(...everyFourthUnrotated({ ...EXPERTS, sees: 'chunk' })),
  attention: {
    windowTokens: 8,
    queryKeyNorm: 'unit',
    hasSinks: false,
    temperature: { scale: 0.1, floorTokens: 8 },
  },
  experts: {
    ...EIGHT_EXPERTS,
    chosenCount: 1,
    sharedWidth: 64,
    weighsInput: true,
    router: { ...SOFTMAX_ROUTER, score: 'sigmoid', weights: 'scores' },
  },
};

const GPT_OSS: ModelSpec = {
  ...PLAIN,
  family: 'gpt-oss',
  layerCount: 3,
  rope: {
    ...PLAIN.rope,
    theta: 150_000,
    scaling: {
      kind: 'yarn',
      factor: 32,
      originalContext: 64,
      betaFast: 32,
      betaSlow: 1,
      attentionFactor: 0.1 * Math.log(32) + 1,
      truncate: false,
    },
  },
  biases: { qkv: true, attentionOutput: true, ffn: false },
  layers: repeating({ ...EXPERTS, sees: 'window' }, EXPERTS),
  attention: { ...PLAIN.attention, windowTokens: 6, hasSinks: true },
  activation: { kind: 'clamped', alpha: 1.702, limit: 7 },
  experts: {
    ...EIGHT_EXPERTS,
    chosenCount: 4,
    hasBias: true,
    router: { ...SOFTMAX_ROUTER, score: 'none', hasBias: true, weights: 'softmax' },
  },
};

/** A shape of every family, and of what no family has alone. */
export const FAMILY_GOLDEN_SPECS: Readonly<Record<GoldenFamily, ModelSpec>> = {
  llama: { ...PLAIN, rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3 } },
  mistral: {
    ...PLAIN,
    family: 'mistral',
    layers: repeating({ ...DENSE, sees: 'window' }),
    attention: { ...PLAIN.attention, windowTokens: 7 },
  },
  mixtral: {
    ...PLAIN,
    family: 'mixtral',
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    layers: repeating(EXPERTS),
    experts: EIGHT_EXPERTS,
  },
  qwen2: {
    ...PLAIN,
    family: 'qwen2',
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    biases: { ...NO_BIASES, qkv: true },
    hasTiedEmbeddings: true,
  },
  qwen3: {
    ...PLAIN,
    family: 'qwen3',
    normEpsilon: 1e-6,
    headWidth: 32,
    rope: { ...PLAIN.rope, theta: 1_000_000, rotaryWidth: 32 },
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    hasTiedEmbeddings: true,
  },
  'qwen3-moe': {
    ...PLAIN,
    family: 'qwen3-moe',
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    layers: repeating(EXPERTS),
    experts: { ...EIGHT_EXPERTS, chosenCount: 4, expertWidth: 32 },
  },
  'gpt-oss': GPT_OSS,
  'gpt-oss, tight clamp': {
    ...GPT_OSS,
    activation: { kind: 'clamped', alpha: 1.702, limit: 0.75 },
  },
  glm4: {
    ...PLAIN,
    family: 'glm4',
    rope: { ...PLAIN.rope, layout: 'pairs', rotaryWidth: 8 },
    biases: { ...NO_BIASES, qkv: true },
    hasPostNorms: true,
  },
  'glm4-moe': GLM4_MOE,
  'glm4-moe, groups': {
    ...GLM4_MOE,
    experts: {
      ...(GLM4_MOE.experts as ExpertSpec),
      router: {
        ...(GLM4_MOE.experts as ExpertSpec).router,
        groups: { count: 4, keptCount: 2 },
      },
    },
  },
  llama4: LLAMA4,
  'llama4, dense between': {
    ...LLAMA4,
    attention: { ...LLAMA4.attention, queryKeyNorm: 'none' },
    layers: repeating(
      ...everyFourthUnrotated({ ...EXPERTS, sees: 'chunk' }).map((layer, index): LayerSpec => ({
        ...layer,
        ffn: index % 2 === 0 ? 'dense' : 'experts',
      })),
    ),
  },
  smollm3: {
    ...PLAIN,
    family: 'smollm3',
    layerCount: 4,
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 5_000_000 },
    layers: repeating(...everyFourthUnrotated(DENSE)),
    hasTiedEmbeddings: true,
  },
};
