/**
 * The fields that all Hugging Face configs have: sizes, heads, norms, rotation.
 *
 * Each family adds what is its own: biases, layers, experts. Defaults are those of the family's
 * configuration class, so that a config which leaves a field out means the same here.
 *
 * Source: transformers, configuration_<family>.py.
 */
import { brief, PLAIN_NETWORK, type ModelSpec, type RopeSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { checkHeads, SPEC_LIMITS } from '../source/spec-limits.ts';
import { kindError } from './other-kinds.ts';
import { hfRopeScaling, knownContext, readHfRope, type RopeDefaults } from './hf-rope.ts';

/** What a family takes where its config says nothing. */
export interface HfDefaults extends RopeDefaults {
  contextMax: number;
  normEpsilon: number;
  /** As many as heads unless given. */
  kvHeadCount?: number;
  /** The width divided by heads unless given. */
  headWidth?: number;
  hasTiedEmbeddings?: boolean;
}

/** Those of LlamaConfig. */
export const LLAMA_DEFAULTS: HfDefaults = {
  contextMax: 2048,
  normEpsilon: 1e-6,
  theta: 10_000,
  rotaryShare: 1,
};

/** Those of LlamaConfig, MistralConfig and Qwen2Config alike. */
export const USUAL_SIZES: Readonly<Record<string, number>> = {
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
};

/** The spec of a plain network with the config's sizes. Throws: CONFIG_INVALID. */
export function readHfBase(
  fields: Fields,
  kind: { family: string; layout: RopeSpec['layout'] },
  defaults: HfDefaults,
): ModelSpec {
  const positive = (name: string, max: number, fallback?: number): number =>
    fields.integer(name, { min: 1, max, ...(fallback === undefined ? {} : { fallback }) });
  checkActivation(fields);
  const modelWidth = positive('hidden_size', SPEC_LIMITS.modelWidth);
  const headCount = positive('num_attention_heads', SPEC_LIMITS.headCount);
  const usualWidth = defaults.headWidth ?? modelWidth / headCount;
  const headWidth = positive('head_dim', SPEC_LIMITS.headWidth, usualWidth);
  const kvHeads = defaults.kvHeadCount ?? headCount;
  const { contextMax: usualContext, normEpsilon, hasTiedEmbeddings = false } = defaults;
  const contextMax = positive('max_position_embeddings', SPEC_LIMITS.contextMax, usualContext);
  const head = { headWidth, contextMax, layout: kind.layout };
  const spec: ModelSpec = {
    ...PLAIN_NETWORK,
    family: kind.family,
    vocabCount: positive('vocab_size', SPEC_LIMITS.vocabCount),
    modelWidth,
    layerCount: positive('num_hidden_layers', SPEC_LIMITS.layerCount),
    headCount,
    kvHeadCount: positive('num_key_value_heads', SPEC_LIMITS.headCount, kvHeads),
    headWidth,
    ffnWidth: positive('intermediate_size', SPEC_LIMITS.ffnWidth),
    contextMax: knownContext(fields, contextMax),
    normEpsilon: fields.number('rms_norm_eps', { min: 1e-12, max: 1, fallback: normEpsilon }),
    rope: readHfRope(fields, head, defaults),
    biases: { qkv: false, attentionOutput: false, ffn: false },
    hasTiedEmbeddings: fields.boolean('tie_word_embeddings', hasTiedEmbeddings),
  };
  checkHeads(spec, fields, {
    headCount: 'num_attention_heads',
    kvHeadCount: 'num_key_value_heads',
    headWidth: 'head_dim',
    rotaryWidth: 'partial_rotary_factor',
  });
  return spec;
}

/** Both names of x · sigmoid(x). Throws: MODEL_KIND. */
function checkActivation(fields: Fields): void {
  const activation = fields.string('hidden_act', 'silu');
  if (activation === 'silu' || activation === 'swish') return;
  const what = `computes its feed-forward layers with ${brief(activation)}`;
  throw kindError(fields, what, 'use a model with silu');
}

/** The fields of `readHfBase`. */
export function hfBase(spec: ModelSpec): Record<string, unknown> {
  return {
    hidden_size: spec.modelWidth,
    intermediate_size: spec.ffnWidth,
    num_hidden_layers: spec.layerCount,
    num_attention_heads: spec.headCount,
    num_key_value_heads: spec.kvHeadCount,
    head_dim: spec.headWidth,
    vocab_size: spec.vocabCount,
    max_position_embeddings: spec.contextMax,
    rms_norm_eps: spec.normEpsilon,
    rope_theta: spec.rope.theta,
    rope_scaling: hfRopeScaling(spec),
    partial_rotary_factor: spec.rope.rotaryWidth / spec.headWidth,
    hidden_act: 'silu',
    tie_word_embeddings: spec.hasTiedEmbeddings,
  };
}
