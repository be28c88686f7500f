/**
 * GLM-4.5, 4.6 and 4.7: a few leading dense layers, then experts chosen by sigmoid scores with a
 * bias for the choice, and a shared expert. Layers that predict further tokens are passed over.
 *
 * In GGUF the norm before feed-forward is called `post_attention_norm`, and `block_count` counts
 * the layers that are passed over.
 *
 * Source: transformers, configuration_glm4_moe.py; llama.cpp's keys of `glm4moe`.
 */
import { expertsOf, layerOf, type ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import { readExpertCounts, type ExpertCounts } from './experts.ts';
import type { FamilyFiles, GgufContents } from './family.ts';
import {
  expertKeys,
  ggufBase,
  ggufExperts,
  ggufKeys,
  readExpertWidth,
  readGgufBase,
} from './gguf-base.ts';
import { decimal } from './gguf-rope.ts';
import { hfBase, readHfBase, type HfDefaults } from './hf-base.ts';
import { layersOf, patternFrom } from './layer-pattern.ts';
import { GGUF_NAMES, HF_NAMES, renamed } from './tensor-places.ts';
import { DENSE, EXPERTS, tinyExperts, tinyLayers, PLAIN, QKV_BIASES } from './tiny-shape.ts';

const ARCHITECTURE = 'glm4moe';
const at = (name: string): string => `${ARCHITECTURE}.${name}`;
const COUNTS = {
  count: 'n_routed_experts',
  chosen: 'num_experts_per_tok',
  groups: 'n_group',
  keptGroups: 'topk_group',
};
/** `expert_gating_func`: absent or 0 stands for sigmoid, too. */
const SIGMOID = 2;

/** Those of Glm4MoeConfig. */
const DEFAULTS: HfDefaults = {
  contextMax: 131_072,
  normEpsilon: 1e-5,
  theta: 10_000,
  rotaryShare: 0.5,
  kvHeadCount: 8,
};

/** What the formats say of the experts. */
interface Experts {
  counts: ExpertCounts;
  expertWidth: number;
  /** Shared experts, which are one as wide as all of them. */
  sharedCount: number;
  denseCount: number;
  isNormalized: boolean;
  scale: number;
  hasNorms: boolean;
}

export const GLM4_MOE: FamilyFiles = {
  family: 'glm4-moe',
  tiny: {
    ...PLAIN,
    family: 'glm4-moe',
    ...tinyLayers((index) => (index === 0 ? DENSE : EXPERTS)),
    headWidth: 32,
    rope: { ...PLAIN.rope, rotaryWidth: 16 },
    biases: QKV_BIASES,
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    experts: tinyExperts(
      { expertCount: 9, chosenCount: 3, sharedWidth: 64 },
      {
        score: 'sigmoid',
        hasSelectionBias: true,
        groups: { count: 3, keptCount: 2 },
        scale: 2.5,
      },
    ),
  },
  hf: {
    architectures: ['Glm4MoeForCausalLM'],
    modelType: 'glm4_moe',
    layout: 'halves',
    names: renamed(HF_NAMES, {
      router: 'mlp.gate',
      'router.selectionBias': { weight: 'mlp.gate.e_score_correction_bias' },
      'experts.gate': 'mlp.experts.{expert}.gate_proj',
      'experts.up': 'mlp.experts.{expert}.up_proj',
      'experts.down': 'mlp.experts.{expert}.down_proj',
      'shared.gate': 'mlp.shared_experts.gate_proj',
      'shared.up': 'mlp.shared_experts.up_proj',
      'shared.down': 'mlp.shared_experts.down_proj',
    }),
    read: readConfig,
    write: writeConfig,
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'halves',
    names: renamed(GGUF_NAMES, { ffnNorm: 'post_attention_norm' }),
    read: readKeys,
    write: writeKeys,
  },
};

function readConfig(fields: Fields): ModelSpec {
  const base = readHfBase(fields, { family: 'glm4-moe', layout: 'halves' }, DEFAULTS);
  const qkv = fields.boolean('attention_bias', false);
  const { layerCount } = base;
  const width = { min: 1, max: SPEC_LIMITS.ffnWidth, fallback: 1408 };
  const count = { min: 0, max: SPEC_LIMITS.layerCount, fallback: 1 };
  return withExperts(
    { ...base, biases: { ...base.biases, qkv } },
    {
      counts: readExpertCounts(fields, COUNTS, layerCount, { count: 128, chosen: 8 }),
      expertWidth: fields.integer('moe_intermediate_size', width),
      sharedCount: fields.integer('n_shared_experts', count),
      denseCount: fields.integer('first_k_dense_replace', count),
      isNormalized: fields.boolean('norm_topk_prob', true),
      scale: fields.number('routed_scaling_factor', { min: 1e-6, max: 1e6, fallback: 1 }),
      hasNorms: fields.boolean('use_qk_norm', false),
    },
    (expected) => fields.invalid('n_shared_experts', expected),
  );
}

function writeConfig(spec: ModelSpec): Record<string, unknown> {
  const { denseCount, sharedCount } = countsOf(spec);
  const experts = expertsOf(spec);
  const { groups, weights, scale } = experts.router;
  return {
    ...hfBase(spec),
    attention_bias: spec.biases.qkv,
    use_qk_norm: spec.attention.queryKeyNorm === 'learned',
    n_routed_experts: experts.expertCount,
    num_experts_per_tok: experts.chosenCount,
    n_group: groups?.count ?? 1,
    topk_group: groups?.keptCount ?? 1,
    moe_intermediate_size: experts.expertWidth,
    n_shared_experts: sharedCount,
    first_k_dense_replace: denseCount,
    norm_topk_prob: weights === 'normalized',
    routed_scaling_factor: scale,
    num_nextn_predict_layers: 0,
  };
}

function readKeys(fields: Fields, contents: GgufContents): ModelSpec {
  const kind = { family: 'glm4-moe', architecture: ARCHITECTURE, layout: 'halves' } as const;
  const base = readGgufBase(fields, contents, kind);
  const predictKey = at('nextn_predict_layers');
  const predictRule = { min: 0, max: base.layerCount - 1, fallback: 0 };
  const layerCount = base.layerCount - fields.integer(predictKey, predictRule);
  const gating = fields.integer(at('expert_gating_func'), { min: 0, max: 255, fallback: 0 });
  if (gating !== 0 && gating !== SIGMOID) {
    throw fields.invalid(at('expert_gating_func'), `${SIGMOID} (sigmoid)`);
  }
  const count = { min: 0, max: SPEC_LIMITS.layerCount };
  const scale = { min: 1e-6, max: 1e6, fallback: 1 };
  return withExperts(
    { ...base, layerCount },
    {
      counts: readExpertCounts(fields, expertKeys(ARCHITECTURE), layerCount),
      expertWidth: readExpertWidth(fields, contents, ARCHITECTURE, base),
      sharedCount: fields.integer(at('expert_shared_count'), count),
      denseCount: fields.integer(at('leading_dense_block_count'), { ...count, fallback: 0 }),
      isNormalized: fields.boolean(at('expert_weights_norm'), false),
      scale: decimal(fields.number(at('expert_weights_scale'), scale)),
      hasNorms: contents.hasTensor('blk.0.attn_q_norm.weight'),
    },
    (expected) => fields.invalid(at('expert_shared_count'), expected),
  );
}

function writeKeys(spec: ModelSpec): GgufPair[] {
  const { denseCount, sharedCount } = countsOf(spec);
  const { expertWidth, router } = expertsOf(spec);
  const keys = ggufKeys(ARCHITECTURE);
  return [
    ...ggufBase(spec, ARCHITECTURE),
    ...ggufExperts(spec, ARCHITECTURE),
    keys.count('expert_feed_forward_length', expertWidth),
    keys.count('expert_shared_count', sharedCount),
    keys.count('leading_dense_block_count', denseCount),
    keys.count('expert_gating_func', SIGMOID),
    keys.flag('expert_weights_norm', router.weights === 'normalized'),
    keys.real('expert_weights_scale', router.scale),
  ];
}

function withExperts(
  spec: ModelSpec,
  experts: Experts,
  invalidShared: (expected: string) => Error,
): ModelSpec {
  const { groups, ...counts } = experts.counts;
  const sharedWidth = experts.expertWidth * experts.sharedCount;
  if (sharedWidth > SPEC_LIMITS.ffnWidth) {
    throw invalidShared(`shared experts of at most ${SPEC_LIMITS.ffnWidth} in all`);
  }
  return {
    ...spec,
    layers: patternFrom(spec.layerCount, (index) => ({
      ...layerOf(spec, index),
      ffn: index < experts.denseCount ? 'dense' : 'experts',
    })),
    attention: { ...spec.attention, queryKeyNorm: experts.hasNorms ? 'learned' : 'none' },
    experts: {
      ...counts,
      expertWidth: experts.expertWidth,
      sharedWidth,
      router: {
        score: 'sigmoid',
        hasBias: false,
        hasSelectionBias: true,
        groups,
        weights: experts.isNormalized ? 'normalized' : 'scores',
        scale: experts.scale,
      },
      weighsInput: false,
      hasBias: false,
    },
  };
}

/** What both formats say of dense layers and of shared experts. */
function countsOf(spec: ModelSpec): { denseCount: number; sharedCount: number } {
  const first = layersOf(spec).findIndex(({ ffn }) => ffn === 'experts');
  const { sharedWidth, expertWidth } = expertsOf(spec);
  return {
    denseCount: first < 0 ? spec.layerCount : first,
    sharedCount: Math.round(sharedWidth / expertWidth),
  };
}
