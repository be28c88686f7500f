/**
 * A Hugging Face config.json as a ModelSpec.
 *
 * The fields and their defaults are those of LlamaConfig; Mistral without a sliding window is
 * the same network. `rope_parameters` is the newer name of `rope_scaling` and holds theta too.
 *
 * Source: transformers, configuration_llama.py and modeling_rope_utils.py.
 */
import {
  PLAIN_NETWORK,
  WaferError,
  type ModelSpec,
  type RopeScaling,
  type RopeSpec,
} from '@wafer/core';
import { brief, type Fields } from './fields.ts';
import { checkSpec, SPEC_LIMITS } from './spec-limits.ts';

/** Architectures that a Hugging Face folder may name. */
export const HF_ARCHITECTURES: readonly string[] = ['LlamaForCausalLM', 'MistralForCausalLM'];

/** MistralConfig's window where the field is absent. */
const MISTRAL_WINDOW = 4096;

/** Maps a config to what it computes. Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function specOfHfConfig(fields: Fields): ModelSpec {
  const architecture = architectureOf(fields);
  checkSupported(fields, architecture);
  const positive = (name: string, max: number, fallback?: number): number =>
    fields.integer(name, { min: 1, max, ...(fallback === undefined ? {} : { fallback }) });
  const modelWidth = positive('hidden_size', SPEC_LIMITS.modelWidth);
  const headCount = positive('num_attention_heads', SPEC_LIMITS.headCount);
  const headWidth = positive('head_dim', SPEC_LIMITS.headWidth, modelWidth / headCount);
  const contextMax = positive('max_position_embeddings', SPEC_LIMITS.contextMax, 2048);
  const isLlama = architecture === 'LlamaForCausalLM';
  const hasBias = isLlama && fields.boolean('attention_bias', false);
  const spec: ModelSpec = {
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: positive('vocab_size', SPEC_LIMITS.vocabCount),
    modelWidth,
    layerCount: positive('num_hidden_layers', SPEC_LIMITS.layerCount),
    headCount,
    kvHeadCount: positive('num_key_value_heads', SPEC_LIMITS.headCount, headCount),
    headWidth,
    ffnWidth: positive('intermediate_size', SPEC_LIMITS.ffnWidth),
    contextMax,
    normEpsilon: fields.number('rms_norm_eps', { min: 1e-12, max: 1, fallback: 1e-6 }),
    rope: ropeOf(fields, headWidth, contextMax),
    biases: {
      qkv: hasBias,
      attentionOutput: hasBias,
      ffn: isLlama && fields.boolean('mlp_bias', false),
    },
    hasTiedEmbeddings: fields.boolean('tie_word_embeddings', false),
  };
  checkSpec(spec, fields, {
    headCount: 'num_attention_heads',
    kvHeadCount: 'num_key_value_heads',
    headWidth: 'head_dim',
    rotaryWidth: 'partial_rotary_factor',
  });
  return spec;
}

function architectureOf(fields: Fields): string {
  const list = fields.get('architectures');
  if (list === undefined && fields.get('model_type') === 'llama') return 'LlamaForCausalLM';
  if (!Array.isArray(list) || typeof list[0] !== 'string') {
    throw fields.invalid('architectures', 'a list with the name of an architecture');
  }
  return list[0];
}

function checkSupported(fields: Fields, architecture: string): void {
  const refuse = (what: string): WaferError =>
    new WaferError('MODEL_UNSUPPORTED', {
      path: fields.path,
      architecture: what,
      supported: HF_ARCHITECTURES,
    });
  if (!HF_ARCHITECTURES.includes(architecture)) throw refuse(brief(architecture));
  if (fields.string('hidden_act', 'silu') !== 'silu') throw fields.invalid('hidden_act', 'silu');
  if (fields.has('quantization_config')) {
    throw fields.invalid('quantization_config', 'none (f32, f16 or bf16 weights)');
  }
  if (architecture !== 'MistralForCausalLM') return;
  const isUnlimited = fields.isNull('sliding_window');
  const window = fields.get('sliding_window') ?? (isUnlimited ? Infinity : MISTRAL_WINDOW);
  const context = fields.get('max_position_embeddings');
  if (typeof window !== 'number' || (typeof context === 'number' && window < context)) {
    throw refuse(`${architecture} with a sliding window of ${brief(window)}`);
  }
}

// ---- rotary positions

function ropeOf(fields: Fields, headWidth: number, contextMax: number): RopeSpec {
  const parameters = fields.object('rope_parameters') ?? fields.object('rope_scaling');
  const theta = { min: 1, max: 1e12 };
  const outer = fields.number('rope_theta', { ...theta, fallback: 10_000 });
  const share = { min: 0, max: 1 };
  const outerShare = fields.number('partial_rotary_factor', { ...share, fallback: 1 });
  const factor =
    parameters?.number('partial_rotary_factor', { ...share, fallback: outerShare }) ?? outerShare;
  return {
    theta: parameters?.number('rope_theta', { ...theta, fallback: outer }) ?? outer,
    scaling: parameters ? scalingOf(parameters, fields, contextMax) : { kind: 'none' },
    layout: 'halves',
    rotaryWidth: Math.trunc(headWidth * factor),
  };
}

function scalingOf(parameters: Fields, fields: Fields, contextMax: number): RopeScaling {
  const key = parameters.has('rope_type') ? 'rope_type' : 'type';
  const kind = parameters.string(key, 'default');
  if (kind === 'default') return { kind: 'none' };
  const factor = { min: 1, max: 1e6 };
  switch (kind) {
    case 'linear':
      return { kind, factor: parameters.number('factor', factor) };
    case 'llama3':
      return llama3Scaling(parameters);
    case 'yarn':
      return yarnScaling(parameters, originalContextOf(parameters, fields, contextMax));
    default:
      throw parameters.invalid(key, 'default, linear, llama3 or yarn');
  }
}

function llama3Scaling(parameters: Fields): RopeScaling {
  const lowFrequencyFactor = parameters.number('low_freq_factor', { min: 1e-3, max: 1e6 });
  const highFrequencyFactor = parameters.number('high_freq_factor', { min: 1e-3, max: 1e6 });
  if (highFrequencyFactor <= lowFrequencyFactor) {
    throw parameters.invalid('high_freq_factor', `more than ${lowFrequencyFactor}`);
  }
  return {
    kind: 'llama3',
    factor: parameters.number('factor', { min: 1, max: 1e6 }),
    lowFrequencyFactor,
    highFrequencyFactor,
    originalContext: parameters.integer('original_max_position_embeddings', {
      min: 1,
      max: SPEC_LIMITS.contextMax,
    }),
  };
}

function originalContextOf(parameters: Fields, fields: Fields, contextMax: number): number {
  const name = 'original_max_position_embeddings';
  const rule = { min: 1, max: SPEC_LIMITS.contextMax };
  return parameters.integer(name, {
    ...rule,
    fallback: fields.integer(name, { ...rule, fallback: contextMax }),
  });
}

function yarnScaling(parameters: Fields, originalContext: number): RopeScaling {
  const factor = parameters.number('factor', { min: 1, max: 1e6 });
  const betaFast = parameters.number('beta_fast', { min: 1e-3, max: 1e6, fallback: 32 });
  const betaSlow = parameters.number('beta_slow', { min: 1e-3, max: 1e6, fallback: 1 });
  if (betaFast <= betaSlow) throw parameters.invalid('beta_fast', `more than ${betaSlow}`);
  const scale = { min: 0, max: 1e6, fallback: 0 };
  const share = parameters.number('mscale', scale);
  const shareAll = parameters.number('mscale_all_dim', scale);
  const hasShares = share !== 0 && shareAll !== 0;
  const usual = hasShares
    ? yarnMagnitude(factor, share) / yarnMagnitude(factor, shareAll)
    : yarnMagnitude(factor, 1);
  return {
    kind: 'yarn',
    factor,
    originalContext,
    betaFast,
    betaSlow,
    attentionFactor: parameters.number('attention_factor', {
      min: 1e-6,
      max: 1e6,
      fallback: usual,
    }),
    truncate: parameters.boolean('truncate', true),
  };
}

/** How much YaRN raises the logits' scale by default: 0.1 · share · ln(factor) + 1. */
export function yarnMagnitude(factor: number, share: number): number {
  return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
}
