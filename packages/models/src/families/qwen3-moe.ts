/**
 * Qwen3 with experts: every layer has them, but those that `mlp_only_layers` and
 * `decoder_sparse_step` make dense.
 *
 * Source: transformers, configuration_qwen3_moe.py; llama.cpp's keys of `qwen3moe`, whose layers
 * all have experts and whose weights are always divided by their sum.
 */
import { expertsOf, layerOf, type LayerSpec, type ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import {
  balanceField,
  readBalanceLoss,
  readExpertCounts,
  SOFTMAX_ROUTER,
  type ExpertCounts,
} from './experts.ts';
import type { FamilyFiles } from './family.ts';
import {
  expertKeys,
  ggufBase,
  ggufExperts,
  ggufKeys,
  readExpertWidth,
  readGgufBase,
} from './gguf-base.ts';
import { hfBase, readHfBase } from './hf-base.ts';
import { layersOf, patternFrom } from './layer-pattern.ts';
import { QWEN_DEFAULTS } from './qwen2.ts';
import { GGUF_NAMES, HF_NAMES, renamed } from './tensor-places.ts';
import { EXPERTS, tinyExperts, tinyLayers, PLAIN } from './tiny-shape.ts';

const ARCHITECTURE = 'qwen3moe';
const COUNTS = { count: 'num_experts', chosen: 'num_experts_per_tok' };

export const QWEN3_MOE: FamilyFiles = {
  family: 'qwen3-moe',
  tiny: {
    ...PLAIN,
    family: 'qwen3-moe',
    ...tinyLayers(() => EXPERTS),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
    experts: tinyExperts({ expertCount: 9, chosenCount: 3 }, {}),
  },
  hf: {
    architectures: ['Qwen3MoeForCausalLM'],
    modelType: 'qwen3_moe',
    layout: 'halves',
    names: renamed(HF_NAMES, {
      router: 'mlp.gate',
      'experts.gate': 'mlp.experts.{expert}.gate_proj',
      'experts.up': 'mlp.experts.{expert}.up_proj',
      'experts.down': 'mlp.experts.{expert}.down_proj',
    }),
    read: readConfig,
    write(spec) {
      const { qkv } = spec.biases;
      const experts = expertsOf(spec);
      const layers = layersOf(spec);
      return {
        ...hfBase(spec),
        attention_bias: qkv,
        num_experts: experts.expertCount,
        num_experts_per_tok: experts.chosenCount,
        moe_intermediate_size: experts.expertWidth,
        norm_topk_prob: experts.router.weights === 'normalized',
        decoder_sparse_step: 1,
        mlp_only_layers: layers.flatMap(({ ffn }, index) => (ffn === 'dense' ? [index] : [])),
        ...balanceField(experts),
      };
    },
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'halves',
    names: GGUF_NAMES,
    read(fields, contents) {
      const kind = { family: 'qwen3-moe', architecture: ARCHITECTURE, layout: 'halves' } as const;
      const spec = readGgufBase(fields, contents, { ...kind, hasOnlyExperts: true });
      const counts = readExpertCounts(fields, expertKeys(ARCHITECTURE), spec.layerCount);
      const isNormalized = fields.boolean(`${ARCHITECTURE}.expert_weights_norm`, true);
      const expertWidth = readExpertWidth(fields, contents, ARCHITECTURE, {
        layerCount: spec.layerCount,
        fallback: Math.trunc(spec.ffnWidth / counts.chosenCount),
      });
      return withExperts(spec, () => 'experts', { counts, expertWidth, isNormalized });
    },
    write(spec) {
      const { expertWidth, router } = expertsOf(spec);
      const keys = ggufKeys(ARCHITECTURE);
      return [
        ...ggufBase(spec, ARCHITECTURE),
        ...ggufExperts(spec, ARCHITECTURE),
        keys.count('expert_feed_forward_length', expertWidth),
        keys.flag('expert_weights_norm', router.weights === 'normalized'),
      ];
    },
  },
};

function readConfig(fields: Fields): ModelSpec {
  const defaults = { ...QWEN_DEFAULTS, kvHeadCount: 4 };
  const spec = readHfBase(fields, { family: 'qwen3-moe', layout: 'halves' }, defaults);
  const { layerCount } = spec;
  if (fields.boolean('use_sliding_window', false)) {
    throw fields.invalid('use_sliding_window', 'false (Qwen3-MoE has no windows)');
  }
  const step = { min: 1, max: SPEC_LIMITS.layerCount, fallback: 1 };
  const every = fields.integer('decoder_sparse_step', step);
  const list = fields.list('mlp_only_layers', SPEC_LIMITS.layerCount) ?? [];
  const isLayer = (item: unknown): boolean =>
    Number.isSafeInteger(item) && (item as number) >= 0 && (item as number) < layerCount;
  if (!list.every(isLayer)) {
    throw fields.invalid('mlp_only_layers', `layers below num_hidden_layers = ${layerCount}`);
  }
  const dense = new Set(list);
  const hasBias = fields.boolean('attention_bias', false);
  const width = { min: 1, max: SPEC_LIMITS.ffnWidth, fallback: 768 };
  const usual = { count: 128, chosen: 8 };
  return withExperts(
    { ...spec, biases: { qkv: hasBias, attentionOutput: hasBias, ffn: false } },
    (index) => (dense.has(index) || (index + 1) % every !== 0 ? 'dense' : 'experts'),
    {
      counts: readExpertCounts(fields, COUNTS, layerCount, usual),
      expertWidth: fields.integer('moe_intermediate_size', width),
      isNormalized: fields.boolean('norm_topk_prob', false),
      ...readBalanceLoss(fields),
    },
  );
}

function withExperts(
  spec: ModelSpec,
  ffnAt: (index: number) => LayerSpec['ffn'],
  experts: {
    counts: ExpertCounts;
    expertWidth: number;
    isNormalized: boolean;
    balanceLoss?: number;
  },
): ModelSpec {
  const { balanceLoss } = experts;
  const { groups, ...counts } = experts.counts;
  const weights = experts.isNormalized ? 'normalized' : 'scores';
  const layers = patternFrom(spec.layerCount, (index) => ({
    ...layerOf(spec, index),
    ffn: ffnAt(index),
  }));
  return {
    ...spec,
    layers,
    attention: { ...spec.attention, queryKeyNorm: 'learned' },
    experts: {
      ...counts,
      expertWidth: experts.expertWidth,
      sharedWidth: 0,
      router: { ...SOFTMAX_ROUTER, groups, weights },
      weighsInput: false,
      hasBias: false,
      ...(balanceLoss === undefined ? {} : { balanceLoss }),
    },
  };
}
