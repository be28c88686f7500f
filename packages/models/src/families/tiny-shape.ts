/**
 * What tiny shapes of families are made of; each family's file says its own, which uses all of its
 * features, for tests and to try things out (`synthetic:FAMILY`).
 *
 * Uneven on purpose: three KV heads, expert counts and vocabularies that no grid divides, windows
 * shorter than the context, five or more layers so that patterns show. All rows have whole blocks
 * of 32, so that block types fit.
 */
import { PLAIN_NETWORK, type ExpertSpec, type LayerSpec } from '@wafer/core';
import type { ModelSpec, RouterSpec } from '@wafer/core';
import { SOFTMAX_ROUTER } from './experts.ts';
import { patternFrom } from './layer-pattern.ts';

/** A layer like most. */
export const DENSE: LayerSpec = { sees: 'all', isRotated: true, ffn: 'dense' };
export const EXPERTS: LayerSpec = { ...DENSE, ffn: 'experts' };
const LAYER_COUNT = 6;
/** Shorter than the context, so that windows show. */
export const WINDOW_TOKENS = 24;

/** What all tiny shapes begin with: a plain network of uneven sizes. */
export const PLAIN: ModelSpec = {
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

export const LLAMA3_SCALING: ModelSpec['rope']['scaling'] = {
  kind: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalContext: 64,
};

export const QKV_BIASES: ModelSpec['biases'] = { qkv: true, attentionOutput: false, ffn: false };

/** The pattern of six layers. */
export function tinyLayers(layerAt: (index: number) => LayerSpec): Pick<ModelSpec, 'layers'> {
  return { layers: patternFrom(LAYER_COUNT, layerAt) };
}

/** Experts of few columns, with Mixtral's router but for what is said. */
export function tinyExperts(
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
