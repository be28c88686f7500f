import { layerOf, WaferError, type LayerSpec, type ModelSpec } from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import { FAMILIES, readHfConfig } from './families.ts';

type Config = Record<string, unknown>;

// Sizes of published models, as far as they decide anything.
const MISTRAL: Config = {
  architectures: ['MistralForCausalLM'],
  hidden_size: 4096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  vocab_size: 32_000,
  max_position_embeddings: 32_768,
  sliding_window: 4096,
};
const MIXTRAL: Config = {
  ...MISTRAL,
  architectures: ['MixtralForCausalLM'],
  rope_theta: 1e6,
  sliding_window: null,
};
const QWEN2: Config = {
  architectures: ['Qwen2ForCausalLM'],
  hidden_size: 3584,
  intermediate_size: 18_944,
  num_hidden_layers: 28,
  num_attention_heads: 28,
  num_key_value_heads: 4,
  vocab_size: 152_064,
  max_window_layers: 28,
  sliding_window: 131_072,
  use_sliding_window: false,
};
const QWEN3: Config = { ...QWEN2, architectures: ['Qwen3ForCausalLM'], num_attention_heads: 32 };
const QWEN3_MOE: Config = {
  architectures: ['Qwen3MoeForCausalLM'],
  hidden_size: 2048,
  intermediate_size: 6144,
  num_hidden_layers: 48,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  head_dim: 128,
  vocab_size: 151_936,
  moe_intermediate_size: 768,
  num_experts: 128,
  num_experts_per_tok: 8,
  norm_topk_prob: true,
  decoder_sparse_step: 1,
  mlp_only_layers: [],
};
const GPT_OSS: Config = {
  architectures: ['GptOssForCausalLM'],
  hidden_size: 2880,
  intermediate_size: 2880,
  num_hidden_layers: 24,
  num_attention_heads: 64,
  vocab_size: 201_088,
  num_local_experts: 32,
  rope_scaling: {
    rope_type: 'yarn',
    factor: 32,
    beta_fast: 32,
    beta_slow: 1,
    original_max_position_embeddings: 4096,
    truncate: false,
  },
};
const GLM4: Config = {
  architectures: ['Glm4ForCausalLM'],
  hidden_size: 4096,
  intermediate_size: 13_696,
  num_hidden_layers: 40,
  num_attention_heads: 32,
  vocab_size: 151_552,
};
const GLM4_MOE: Config = {
  architectures: ['Glm4MoeForCausalLM'],
  hidden_size: 4096,
  intermediate_size: 10_944,
  num_hidden_layers: 46,
  num_attention_heads: 96,
  head_dim: 128,
  vocab_size: 151_552,
  attention_bias: true,
  n_routed_experts: 128,
  num_nextn_predict_layers: 1,
};
const LLAMA4: Config = {
  architectures: ['Llama4ForCausalLM'],
  hidden_size: 5120,
  intermediate_size: 8192,
  intermediate_size_mlp: 16_384,
  num_hidden_layers: 48,
  num_attention_heads: 40,
  vocab_size: 202_048,
  max_position_embeddings: 10_485_760,
  rope_scaling: {
    rope_type: 'llama3',
    factor: 16,
    low_freq_factor: 1,
    high_freq_factor: 1,
    original_max_position_embeddings: 8192,
  },
};
const SMOLLM3: Config = {
  architectures: ['SmolLM3ForCausalLM'],
  hidden_size: 2048,
  intermediate_size: 11_008,
  num_hidden_layers: 36,
  num_attention_heads: 16,
  vocab_size: 128_256,
};

const read = (config: Config): ReturnType<typeof readHfConfig> =>
  readHfConfig(new Fields('config.json', config));
const specOf = (config: Config, changes: Config = {}): ModelSpec =>
  read({ ...config, ...changes }).spec;

/** Layers as letters: w window, c chunk, a all; capital without rotation; ' after experts. */
function layersOf(spec: ModelSpec, count = 8): string {
  const letter = ({ sees, isRotated, ffn }: LayerSpec): string => {
    const [first = ''] = sees;
    return (isRotated ? first : first.toUpperCase()) + (ffn === 'experts' ? "'" : '');
  };
  return Array.from({ length: count }, (_, index) => letter(layerOf(spec, index))).join(' ');
}

describe('published configs mean what their models compute', () => {
  test('Mistral: a window in every layer, unless it is null or as wide as the context', () => {
    expect(layersOf(specOf(MISTRAL))).toBe('w w w w w w w w');
    expect(specOf(MISTRAL)).toMatchObject({ family: 'mistral', kvHeadCount: 8, headWidth: 128 });
    expect(specOf(MISTRAL).attention.windowTokens).toBe(4096);
    for (const width of [null, 32_768]) {
      const open = specOf(MISTRAL, { sliding_window: width });
      expect([layersOf(open, 2), open.attention.windowTokens]).toEqual(['a a', 0]);
    }
  });

  test('Mixtral: two of eight experts, weights of the chosen add up to one', () => {
    const spec = specOf(MIXTRAL);
    expect(layersOf(spec, 3)).toBe("a' a' a'");
    expect(spec.experts).toMatchObject({ expertCount: 8, chosenCount: 2, expertWidth: 14_336 });
    expect(spec.experts?.router).toMatchObject({ score: 'softmax', weights: 'normalized' });
  });

  test('Qwen2: biases at q, k, v; windows from a layer on, where they are on', () => {
    expect(specOf(QWEN2).biases).toEqual({ qkv: true, attentionOutput: false, ffn: false });
    expect(layersOf(specOf(QWEN2), 4)).toBe('a a a a');
    const on = { use_sliding_window: true, max_window_layers: 3, sliding_window: 64 };
    expect(layersOf(specOf(QWEN2, on), 6)).toBe('a a a w w w');
  });

  test('Qwen3: norms of heads 128 wide, no biases', () => {
    const spec = specOf(QWEN3);
    expect(spec).toMatchObject({ headWidth: 128, attention: { queryKeyNorm: 'learned' } });
    expect(spec.biases.qkv).toBe(false);
    const biased = specOf(QWEN3, { attention_bias: true });
    expect(biased.biases).toMatchObject({ qkv: true, attentionOutput: true });
  });

  test('Qwen3-MoE: experts but in layers that are named dense or between sparse ones', () => {
    expect(layersOf(specOf(QWEN3_MOE), 3)).toBe("a' a' a'");
    expect(layersOf(specOf(QWEN3_MOE, { mlp_only_layers: [0, 2] }), 5)).toBe("a a' a a' a'");
    expect(layersOf(specOf(QWEN3_MOE, { decoder_sparse_step: 3 }), 6)).toBe("a a a' a a a'");
    const plain = specOf(QWEN3_MOE, { norm_topk_prob: false });
    expect(plain.experts?.router.weights).toBe('scores');
  });

  test('GPT-OSS: windows by turns, sinks, biases everywhere, a range of YaRN not rounded', () => {
    const spec = specOf(GPT_OSS);
    expect(layersOf(spec, 4)).toBe("w' a' w' a'");
    expect(spec.attention).toMatchObject({ windowTokens: 128, hasSinks: true });
    expect(spec.biases).toEqual({ qkv: true, attentionOutput: true, ffn: false });
    expect(spec.experts).toMatchObject({ chosenCount: 4, hasBias: true });
    expect(spec.experts?.router).toMatchObject({ score: 'none', weights: 'softmax' });
    expect(spec.activation).toEqual({ kind: 'clamped', alpha: 1.702, limit: 7 });
    expect(spec.rope.scaling).toMatchObject({ kind: 'yarn', truncate: false });
    expect(specOf({ ...GPT_OSS, rope_scaling: null }).rope).toEqual(spec.rope);
    expect(specOf(GPT_OSS, { swiglu_limit: 5 }).activation).toMatchObject({ limit: 5 });
  });

  test('GLM-4: half of each head rotated, neighbors together, norms after both parts', () => {
    const spec = specOf(GLM4);
    expect(spec.rope).toMatchObject({ layout: 'pairs', rotaryWidth: 64 });
    expect(spec).toMatchObject({ hasPostNorms: true, kvHeadCount: 2, normEpsilon: 1.5625e-7 });
    expect(spec.biases).toEqual({ qkv: true, attentionOutput: false, ffn: false });
  });

  test('GLM-4 MoE: leading dense layers, sigmoid scores, a shared expert', () => {
    const spec = specOf(GLM4_MOE);
    expect(layersOf(spec, 4)).toBe("a a' a' a'");
    expect(spec).toMatchObject({ layerCount: 46, rope: { layout: 'halves', rotaryWidth: 64 } });
    expect(spec.experts).toMatchObject({ sharedWidth: 1408, chosenCount: 8 });
    expect(spec.experts?.router).toEqual({
      score: 'sigmoid',
      hasBias: false,
      hasSelectionBias: true,
      groups: undefined,
      weights: 'normalized',
      scale: 1,
    });
    const more = { n_group: 8, topk_group: 4, first_k_dense_replace: 3, use_qk_norm: true };
    const grouped = specOf(GLM4_MOE, { ...more, n_shared_experts: 2, routed_scaling_factor: 2.5 });
    expect(layersOf(grouped, 4)).toBe("a a a a'");
    expect(grouped.attention.queryKeyNorm).toBe('learned');
    expect(grouped.experts).toMatchObject({
      sharedWidth: 2816,
      router: { groups: { count: 8, keptCount: 4 }, scale: 2.5 },
    });
  });

  test('Llama 4: chunks where rotated, nothing every fourth layer, weighed inputs', () => {
    const spec = specOf(LLAMA4);
    expect(layersOf(spec)).toBe("c' c' c' A' c' c' c' A'");
    expect(spec).toMatchObject({ ffnWidth: 16_384, rope: { layout: 'pairs' } });
    expect(spec.attention).toEqual({
      windowTokens: 8192,
      queryKeyNorm: 'unit',
      hasSinks: false,
      temperature: { scale: 0.1, floorTokens: 8192 },
    });
    expect(spec.experts).toMatchObject({
      expertCount: 16,
      chosenCount: 1,
      expertWidth: 8192,
      sharedWidth: 8192,
      weighsInput: true,
      router: { score: 'sigmoid', weights: 'scores' },
    });
    const maverick = { interleave_moe_layer_step: 2, use_qk_norm: false, no_rope_layers: [] };
    expect(layersOf(specOf(LLAMA4, maverick), 4)).toBe("c c' c A'");
    const listed = { moe_layers: [0], no_rope_layers: Array.from({ length: 48 }, (_, i) => i % 2) };
    expect(layersOf(specOf(LLAMA4, listed), 4)).toBe("A' c A c");
    const off = { attn_temperature_tuning: false, attention_chunk_size: null };
    expect(layersOf(specOf(LLAMA4, off), 4)).toBe("a' a' a' A'");
    expect(specOf(LLAMA4, off).attention.temperature).toBeUndefined();
  });

  test('Llama 4 with images: the text model of it', () => {
    const { architectures: _, ...text } = LLAMA4;
    const found = read({
      architectures: ['Llama4ForConditionalGeneration'],
      text_config: text,
      vision_config: {},
    });
    expect(found).toMatchObject({ spec: specOf(LLAMA4), prefix: 'language_model.' });
    expect(read(LLAMA4).prefix).toBe('');
  });

  test('SmolLM3: no rotation in every fourth layer, and windows there if they are on', () => {
    expect(layersOf(specOf(SMOLLM3))).toBe('a a a A a a a A');
    expect(specOf(SMOLLM3)).toMatchObject({ hasTiedEmbeddings: true, kvHeadCount: 4 });
    const on = { use_sliding_window: true, sliding_window: 99 };
    expect(layersOf(specOf(SMOLLM3, on), 4)).toBe('a a a W');
    expect(layersOf(specOf(SMOLLM3, { no_rope_layer_interval: 2 }), 4)).toBe('a A a A');
  });

  test('a model type stands for architectures that are not named', () => {
    for (const { family, hf } of Object.values(FAMILIES)) {
      const config = { ...LLAMA4, ...GLM4_MOE, architectures: undefined, model_type: hf.modelType };
      expect(specOf(config).family).toBe(family);
    }
  });
});

describe('a config is refused, with the field and both values', () => {
  const cases: [string, Config, Config, string][] = [
    ['a window of 0', MISTRAL, { sliding_window: 0 }, 'sliding_window'],
    ['a window as text', MISTRAL, { sliding_window: '4096' }, 'sliding_window'],
    ['more experts chosen than there are', MIXTRAL, { num_experts_per_tok: 9 }, 'per_tok'],
    ['no experts', MIXTRAL, { num_local_experts: 0 }, 'num_local_experts'],
    ['10^9 experts', MIXTRAL, { num_local_experts: 1e9 }, 'num_local_experts'],
    ['too many experts in all', MIXTRAL, { num_local_experts: 4096 }, 'num_local_experts'],
    [
      'windows that are off in types that have them',
      QWEN2,
      { layer_types: Array(28).fill('sliding_attention') },
      'layer_types',
    ],
    ['too few layer types', QWEN2, { layer_types: ['full_attention'] }, 'layer_types'],
    ['unknown layer types', QWEN2, { layer_types: Array(28).fill('linear') }, 'layer_types'],
    ['chunks in Qwen', QWEN3, { layer_types: Array(28).fill('chunked_attention') }, 'layer_types'],
    ['10^9 layer types', QWEN3, { layer_types: 1e9 }, 'layer_types'],
    ['windows in Qwen3-MoE', QWEN3_MOE, { use_sliding_window: true }, 'use_sliding_window'],
    ['a dense layer out of range', QWEN3_MOE, { mlp_only_layers: [48] }, 'mlp_only_layers'],
    ['a step of 0', QWEN3_MOE, { decoder_sparse_step: 0 }, 'decoder_sparse_step'],
    ['a limit of 0', GPT_OSS, { swiglu_limit: 0 }, 'swiglu_limit'],
    [
      'windows without a width',
      GPT_OSS,
      { sliding_window: null, layer_types: Array(24).fill('sliding_attention') },
      'sliding_window',
    ],
    ['groups that do not divide the experts', GLM4_MOE, { n_group: 3 }, 'n_group'],
    ['more groups kept than there are', GLM4_MOE, { n_group: 2, topk_group: 3 }, 'topk_group'],
    ['too few experts in kept groups', GLM4_MOE, { n_group: 32, topk_group: 1 }, 'per_tok'],
    ['groups of one', GLM4_MOE, { n_group: 128, topk_group: 9 }, 'n_group'],
    ['shared experts of 10^9', GLM4_MOE, { n_shared_experts: 4096 }, 'n_shared_experts'],
    ['a scale of 0', GLM4_MOE, { routed_scaling_factor: 0 }, 'routed_scaling_factor'],
    ['a rotation of 2', LLAMA4, { no_rope_layers: Array(48).fill(2) }, 'no_rope_layers'],
    ['rotations of too few layers', LLAMA4, { no_rope_layers: [1, 1] }, 'no_rope_layers'],
    ['experts in no layer', LLAMA4, { moe_layers: [-1] }, 'moe_layers'],
    ['a floor of 0', LLAMA4, { floor_scale: 0 }, 'floor_scale'],
    [
      'chunks without a width',
      LLAMA4,
      { attention_chunk_size: null, layer_types: Array(48).fill('chunked_attention') },
      'attention_chunk_size',
    ],
    ['no text model', LLAMA4, { architectures: ['Llama4ForConditionalGeneration'] }, 'text_config'],
    ['an odd rotated width', GLM4, { partial_rotary_factor: 0.01 }, 'partial_rotary_factor'],
  ];
  test.each(cases)('%s', (_, config, changes, field) => {
    try {
      specOf(config, changes);
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      expect(error.code).toBe('CONFIG_INVALID');
      expect(error.details['field']).toContain(field);
      return;
    }
    throw new Error('it was accepted');
  });
});
