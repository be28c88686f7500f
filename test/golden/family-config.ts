/**
 * A spec as the config.json that transformers would keep of it: the fields that it reads.
 *
 * What a family always does has no field: biases of Qwen 2, norms of heads of Qwen 3.
 */
import type { ExpertSpec, ModelSpec } from '@wafer/core';
import type { Family } from '@wafer/models';

type Config = Record<string, unknown>;

const ARCHITECTURES: Readonly<Record<Family, readonly [string, string]>> = {
  llama: ['LlamaForCausalLM', 'llama'],
  llama4: ['Llama4ForCausalLM', 'llama4_text'],
  mistral: ['MistralForCausalLM', 'mistral'],
  mixtral: ['MixtralForCausalLM', 'mixtral'],
  qwen2: ['Qwen2ForCausalLM', 'qwen2'],
  qwen3: ['Qwen3ForCausalLM', 'qwen3'],
  'qwen3-moe': ['Qwen3MoeForCausalLM', 'qwen3_moe'],
  'gpt-oss': ['GptOssForCausalLM', 'gpt_oss'],
  glm4: ['Glm4ForCausalLM', 'glm4'],
  'glm4-moe': ['Glm4MoeForCausalLM', 'glm4_moe'],
  smollm3: ['SmolLM3ForCausalLM', 'smollm3'],
};

export function familyConfig(spec: ModelSpec): Config {
  const [architecture, modelType] = ARCHITECTURES[spec.family as Family];
  return {
    architectures: [architecture],
    model_type: modelType,
    hidden_act: 'silu',
    torch_dtype: 'float32',
    vocab_size: spec.vocabCount,
    hidden_size: spec.modelWidth,
    num_hidden_layers: spec.layerCount,
    num_attention_heads: spec.headCount,
    num_key_value_heads: spec.kvHeadCount,
    head_dim: spec.headWidth,
    intermediate_size: spec.ffnWidth,
    max_position_embeddings: spec.contextMax,
    rms_norm_eps: spec.normEpsilon,
    tie_word_embeddings: spec.hasTiedEmbeddings,
    rope_theta: spec.rope.theta,
    rope_scaling: scalingOf(spec),
    ...ownFields(spec),
  };
}

function scalingOf({ rope: { scaling } }: ModelSpec): Config | null {
  if (scaling.kind === 'llama3') {
    return {
      rope_type: 'llama3',
      factor: scaling.factor,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
      original_max_position_embeddings: scaling.originalContext,
    };
  }
  if (scaling.kind === 'yarn') {
    return {
      rope_type: 'yarn',
      factor: scaling.factor,
      beta_fast: scaling.betaFast,
      beta_slow: scaling.betaSlow,
      truncate: scaling.truncate,
      original_max_position_embeddings: scaling.originalContext,
    };
  }
  return null;
}

/** Fields of one family, or in other words than most. */
function ownFields(spec: ModelSpec): Config {
  const { attention, rope, headWidth } = spec;
  const experts = spec.experts as ExpertSpec;
  const partial = { partial_rotary_factor: rope.rotaryWidth / headWidth, attention_bias: true };
  switch (spec.family) {
    case 'mistral':
      return { sliding_window: attention.windowTokens };
    case 'qwen2':
      return { use_sliding_window: false };
    case 'smollm3':
      return { no_rope_layers: rotatedLayers(spec), no_rope_layer_interval: 4 };
    case 'glm4':
      return partial;
    case 'mixtral':
      return {
        intermediate_size: experts.expertWidth,
        num_local_experts: experts.expertCount,
        num_experts_per_tok: experts.chosenCount,
      };
    case 'qwen3-moe':
      return {
        num_experts: experts.expertCount,
        num_experts_per_tok: experts.chosenCount,
        moe_intermediate_size: experts.expertWidth,
        norm_topk_prob: true,
        decoder_sparse_step: 1,
        mlp_only_layers: [],
      };
    case 'gpt-oss':
      return gptOssFields(spec, experts);
    case 'glm4-moe':
      return { ...partial, ...glm4MoeFields(spec, experts) };
    case 'llama4':
      return llama4Fields(spec, experts);
    default:
      return {};
  }
}

function gptOssFields(
  { attention, layerCount, activation }: ModelSpec,
  experts: ExpertSpec,
): Config {
  return {
    intermediate_size: experts.expertWidth,
    num_local_experts: experts.expertCount,
    num_experts_per_tok: experts.chosenCount,
    attention_bias: true,
    sliding_window: attention.windowTokens,
    layer_types: Array.from({ length: layerCount }, (_, index) =>
      index % 2 === 0 ? 'sliding_attention' : 'full_attention',
    ),
    swiglu_limit: activation.kind === 'clamped' ? activation.limit : undefined,
  };
}

function glm4MoeFields({ layers }: ModelSpec, experts: ExpertSpec): Config {
  const { router, expertWidth } = experts;
  return {
    use_qk_norm: true,
    first_k_dense_replace: layers.leading.length,
    n_routed_experts: experts.expertCount,
    num_experts_per_tok: experts.chosenCount,
    moe_intermediate_size: expertWidth,
    n_shared_experts: experts.sharedWidth / expertWidth,
    n_group: router.groups?.count ?? 1,
    topk_group: router.groups?.keptCount ?? 1,
    routed_scaling_factor: router.scale,
    norm_topk_prob: true,
  };
}

function llama4Fields(spec: ModelSpec, experts: ExpertSpec): Config {
  const { attention, layers } = spec;
  const isEvery = layers.repeating.every(({ ffn }) => ffn === 'experts');
  return {
    intermediate_size: experts.expertWidth,
    intermediate_size_mlp: spec.ffnWidth,
    num_local_experts: experts.expertCount,
    num_experts_per_tok: experts.chosenCount,
    interleave_moe_layer_step: isEvery ? 1 : 2,
    no_rope_layers: rotatedLayers(spec),
    attention_chunk_size: attention.windowTokens,
    use_qk_norm: attention.queryKeyNorm === 'unit',
    attn_temperature_tuning: true,
    attn_scale: attention.temperature?.scale,
    floor_scale: attention.temperature?.floorTokens,
  };
}

/** 1 for layers with positions, 0 for every fourth. */
function rotatedLayers({ layerCount }: ModelSpec): number[] {
  return Array.from({ length: layerCount }, (_, index) => (index % 4 === 3 ? 0 : 1));
}
