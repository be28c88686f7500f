/**
 * Mixtral: Mistral whose layers all have experts, chosen by softmax.
 *
 * Source: transformers, configuration_mixtral.py and its checkpoints' names (w1 gate, w3 up, w2
 * down).
 */
import { expertsOf } from '@wafer/core';
import { balanceField, readBalanceLoss, readExpertCounts, SOFTMAX_ROUTER } from './experts.ts';
import type { FamilyFiles } from './family.ts';
import { hfBase, LLAMA_DEFAULTS, readHfBase } from './hf-base.ts';
import { readWindow } from './hf-layers.ts';
import { LLAMA_GGUF } from './llama.ts';
import { HF_NAMES, renamed } from './tensor-places.ts';
import { EXPERTS, tinyExperts, tinyLayers, PLAIN } from './tiny-shape.ts';

const COUNTS = { count: 'num_local_experts', chosen: 'num_experts_per_tok' };
const DEFAULTS = {
  ...LLAMA_DEFAULTS,
  contextMax: 131_072,
  normEpsilon: 1e-5,
  theta: 1e6,
  kvHeadCount: 8,
};

export const MIXTRAL: FamilyFiles = {
  family: 'mixtral',
  tiny: {
    ...PLAIN,
    family: 'mixtral',
    ...tinyLayers(() => EXPERTS),
    ffnWidth: 64,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    experts: tinyExperts({ expertCount: 5, chosenCount: 2 }, {}),
  },
  hf: {
    architectures: ['MixtralForCausalLM'],
    modelType: 'mixtral',
    layout: 'halves',
    names: renamed(HF_NAMES, {
      router: 'block_sparse_moe.gate',
      'experts.gate': 'block_sparse_moe.experts.{expert}.w1',
      'experts.up': 'block_sparse_moe.experts.{expert}.w3',
      'experts.down': 'block_sparse_moe.experts.{expert}.w2',
    }),
    read(fields) {
      const spec = readHfBase(fields, { family: 'mixtral', layout: 'halves' }, DEFAULTS);
      const windowTokens = readWindow(fields, 'sliding_window') ?? 0;
      const sees = windowTokens > 0 ? 'window' : 'all';
      const usual = { count: 8, chosen: 2 };
      const { expertCount, chosenCount } = readExpertCounts(fields, COUNTS, spec.layerCount, usual);
      return {
        ...spec,
        layers: { leading: [], repeating: [{ sees, isRotated: true, ffn: 'experts' }] },
        attention: { ...spec.attention, windowTokens },
        experts: {
          expertCount,
          chosenCount,
          expertWidth: spec.ffnWidth,
          sharedWidth: 0,
          router: SOFTMAX_ROUTER,
          weighsInput: false,
          hasBias: false,
          ...readBalanceLoss(fields),
        },
      };
    },
    write(spec) {
      const { windowTokens } = spec.attention;
      const experts = expertsOf(spec);
      const { expertCount, chosenCount, expertWidth } = experts;
      return {
        ...hfBase(spec),
        sliding_window: windowTokens > 0 ? windowTokens : null,
        intermediate_size: expertWidth,
        num_local_experts: expertCount,
        num_experts_per_tok: chosenCount,
        ...balanceField(experts),
      };
    },
  },
  gguf: LLAMA_GGUF,
};
