/**
 * GPT-OSS: experts with biases and a clamped activation, sinks, every other layer with a window.
 *
 * A folder holds each layer's experts in one tensor, gate and up rows by turns, either as MXFP4
 * blocks and scales or transposed in a float type. GGUF keeps gate and up apart.
 *
 * Source: transformers, configuration_gpt_oss.py; llama.cpp's keys of `gpt-oss`, which fixes alpha,
 * limit and the rounding of YaRN's range.
 */
import { expertsOf, type ExpertSpec, type LayerSpec, type ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { balanceField, readBalanceLoss, readExpertCounts, type ExpertCounts } from './experts.ts';
import type { FamilyFiles } from './family.ts';
import {
  expertKeys,
  ggufBase,
  ggufExperts,
  ggufKeys,
  ggufWindows,
  readExpertWidth,
  readGgufBase,
  readGgufWindows,
} from './gguf-base.ts';
import { hfBase, readHfBase, type HfDefaults } from './hf-base.ts';
import { layerTypes, readLayerTypes, readWindow } from './hf-layers.ts';
import { yarnMagnitude } from './hf-rope.ts';
import { patternFrom } from './layer-pattern.ts';
import { GGUF_NAMES, HF_NAMES, renamed, type PlaceRule } from './tensor-places.ts';
import { EXPERTS, tinyExperts, tinyLayers, PLAIN, WINDOW_TOKENS } from './tiny-shape.ts';

const ARCHITECTURE = 'gpt-oss';
const COUNTS = { count: 'num_local_experts', chosen: 'num_experts_per_tok' };
const ALPHA = 1.702;
const LIMIT = 7;
const USUAL_WINDOW = 128;

/** Those of GptOssConfig. */
const DEFAULTS: HfDefaults = {
  contextMax: 131_072,
  normEpsilon: 1e-5,
  theta: 150_000,
  rotaryShare: 1,
  kvHeadCount: 8,
  headWidth: 64,
  scaling: {
    kind: 'yarn',
    factor: 32,
    originalContext: 4096,
    betaFast: 32,
    betaSlow: 1,
    attentionFactor: yarnMagnitude(32, 1),
    truncate: false,
  },
};

export const GPT_OSS: FamilyFiles = {
  family: 'gpt-oss',
  tiny: {
    ...PLAIN,
    family: 'gpt-oss',
    ...tinyLayers((index) => ({ ...EXPERTS, sees: index % 2 === 0 ? 'window' : 'all' })),
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
    experts: tinyExperts(
      { expertCount: 7, chosenCount: 4, hasBias: true },
      { score: 'none', hasBias: true, weights: 'softmax' },
    ),
  },
  hf: {
    architectures: ['GptOssForCausalLM'],
    modelType: 'gpt_oss',
    layout: 'halves',
    packsExperts: true,
    names: renamed(HF_NAMES, {
      sinks: { weight: 'self_attn.sinks' },
      router: 'mlp.router',
      'experts.gate': fused(0),
      'experts.up': fused(1),
      'experts.down': {
        weight: 'mlp.experts.down_proj',
        bias: 'mlp.experts.down_proj_bias',
        isStacked: true,
        isTransposed: true,
      },
    }),
    read: readConfig,
    write(spec) {
      const { qkv } = spec.biases;
      const experts = expertsOf(spec);
      const { expertCount, chosenCount, expertWidth } = experts;
      const { activation, attention } = spec;
      return {
        ...hfBase(spec),
        intermediate_size: expertWidth,
        attention_bias: qkv,
        layer_types: layerTypes(spec),
        sliding_window: attention.windowTokens > 0 ? attention.windowTokens : null,
        num_local_experts: expertCount,
        num_experts_per_tok: chosenCount,
        ...balanceField(experts),
        ...(activation.kind === 'clamped'
          ? { swiglu_alpha: activation.alpha, swiglu_limit: activation.limit }
          : {}),
      };
    },
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'halves',
    names: renamed(GGUF_NAMES, { ffnNorm: 'post_attention_norm' }),
    read(fields, contents) {
      const kind = { family: 'gpt-oss', architecture: ARCHITECTURE, layout: 'halves' } as const;
      const spec = readGgufBase(fields, contents, { ...kind, hasOnlyExperts: true });
      const { layerCount } = spec;
      const layers = { architecture: ARCHITECTURE, layerCount, everyOpen: 2 };
      const { isWindowed = [], windowTokens = 0 } = readGgufWindows(fields, contents, layers) ?? {};
      const counts = readExpertCounts(fields, expertKeys(ARCHITECTURE), layerCount);
      const sees = (index: number): LayerSpec['sees'] => (isWindowed[index] ? 'window' : 'all');
      const expertWidth = readExpertWidth(fields, contents, ARCHITECTURE, { layerCount });
      const more = { counts, expertWidth, windowTokens, alpha: ALPHA, limit: LIMIT };
      return withGptOss(spec, sees, more);
    },
    write(spec) {
      return [
        ...ggufBase(spec, ARCHITECTURE),
        ...ggufExperts(spec, ARCHITECTURE),
        ggufKeys(ARCHITECTURE).count('expert_feed_forward_length', expertsOf(spec).expertWidth),
        ...ggufWindows(spec, ARCHITECTURE),
      ];
    },
  },
};

function fused(part: 0 | 1): PlaceRule {
  return {
    weight: 'mlp.experts.gate_up_proj',
    bias: 'mlp.experts.gate_up_proj_bias',
    isStacked: true,
    isTransposed: true,
    fusion: { part, by: 'turns' },
  };
}

function readConfig(fields: Fields): ModelSpec {
  const base = readHfBase(fields, { family: 'gpt-oss', layout: 'halves' }, DEFAULTS);
  const hasBias = fields.boolean('attention_bias', true);
  const spec = { ...base, biases: { qkv: hasBias, attentionOutput: hasBias, ffn: false } };
  const { layerCount } = spec;
  const types = readLayerTypes(fields, layerCount, ['all', 'window']);
  const windowTokens = readWindow(fields, 'sliding_window', USUAL_WINDOW) ?? 0;
  if (types?.includes('window') === true && windowTokens === 0) {
    throw fields.invalid('sliding_window', 'a width, as layer_types names windows');
  }
  const sees = (index: number): LayerSpec['sees'] => {
    const type = types?.[index] ?? (index % 2 === 0 ? 'window' : 'all');
    return windowTokens > 0 ? type : 'all';
  };
  const usual = { count: 128, chosen: 4 };
  return withGptOss(spec, sees, {
    counts: readExpertCounts(fields, COUNTS, layerCount, usual),
    expertWidth: spec.ffnWidth,
    windowTokens,
    alpha: fields.number('swiglu_alpha', { min: 1e-6, max: 1e6, fallback: ALPHA }),
    limit: fields.number('swiglu_limit', { min: 1e-6, max: 1e6, fallback: LIMIT }),
    ...readBalanceLoss(fields),
  });
}

function withGptOss(
  spec: ModelSpec,
  sees: (index: number) => LayerSpec['sees'],
  more: {
    counts: ExpertCounts;
    expertWidth: number;
    windowTokens: number;
    alpha: number;
    limit: number;
    balanceLoss?: number;
  },
): ModelSpec {
  const { expertCount, chosenCount } = more.counts;
  const { balanceLoss } = more;
  const experts: ExpertSpec = {
    expertCount,
    chosenCount,
    expertWidth: more.expertWidth,
    sharedWidth: 0,
    router: {
      score: 'none',
      hasBias: true,
      hasSelectionBias: false,
      groups: undefined,
      weights: 'softmax',
      scale: 1,
    },
    weighsInput: false,
    hasBias: true,
    ...(balanceLoss === undefined ? {} : { balanceLoss }),
  };
  return {
    ...spec,
    layers: patternFrom(spec.layerCount, (index) => ({
      sees: sees(index),
      isRotated: true,
      ffn: 'experts',
    })),
    attention: { ...spec.attention, windowTokens: more.windowTokens, hasSinks: true },
    activation: { kind: 'clamped', alpha: more.alpha, limit: more.limit },
    experts,
  };
}
