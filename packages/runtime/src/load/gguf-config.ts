/**
 * The metadata of a GGUF file as a ModelSpec.
 *
 * GGUF's llama stores query and key rows so that neighbours are rotated together (`pairs`).
 * Llama 3 frequency scaling comes as a tensor of divisors, `rope_freqs.weight`; a missing
 * `output.weight` means tied embeddings; biases are there if their tensors are.
 *
 * Source: ggml, docs/gguf.md; llama.cpp's hyperparameter keys.
 */
import { PLAIN_NETWORK, WaferError, type ModelSpec, type RopeScaling } from '@wafer/core';
import type { Fields } from './fields.ts';
import { yarnMagnitude } from './hf-config.ts';
import { checkSpec, SPEC_LIMITS } from './spec-limits.ts';

/** Architectures that a GGUF file may name. */
export const GGUF_ARCHITECTURES: readonly string[] = ['llama'];

/** What besides metadata decides the spec. */
export interface GgufContents {
  hasTensor(name: string): boolean;
  /** Tokens in the vocabulary; undefined without one. */
  tokenCount: number | undefined;
  /** `rope_freqs.weight`. */
  frequencyFactors: readonly number[] | undefined;
}

/** Maps metadata to what it computes. Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function specOfGguf(fields: Fields, contents: GgufContents): ModelSpec {
  checkSupported(fields);
  const positive = (name: string, max: number, fallback?: number): number =>
    fields.integer(name, { min: 1, max, ...(fallback === undefined ? {} : { fallback }) });
  const modelWidth = positive('llama.embedding_length', SPEC_LIMITS.modelWidth);
  const headCount = positive('llama.attention.head_count', SPEC_LIMITS.headCount);
  const headWidth = positive(
    'llama.attention.key_length',
    SPEC_LIMITS.headWidth,
    modelWidth / headCount,
  );
  if (positive('llama.attention.value_length', SPEC_LIMITS.headWidth, headWidth) !== headWidth) {
    throw fields.invalid('llama.attention.value_length', `${headWidth}, as the key length`);
  }
  const contextMax = positive('llama.context_length', SPEC_LIMITS.contextMax);
  const spec: ModelSpec = {
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: positive('llama.vocab_size', SPEC_LIMITS.vocabCount, contents.tokenCount),
    modelWidth,
    layerCount: positive('llama.block_count', SPEC_LIMITS.layerCount),
    headCount,
    kvHeadCount: positive('llama.attention.head_count_kv', SPEC_LIMITS.headCount, headCount),
    headWidth,
    ffnWidth: positive('llama.feed_forward_length', SPEC_LIMITS.ffnWidth),
    contextMax,
    normEpsilon: decimal(
      fields.number('llama.attention.layer_norm_rms_epsilon', { min: 1e-12, max: 1 }),
    ),
    rope: {
      theta: decimal(
        fields.number('llama.rope.freq_base', { min: 1, max: 1e12, fallback: 10_000 }),
      ),
      scaling: scalingOf(fields, contextMax),
      layout: 'pairs',
      rotaryWidth: positive('llama.rope.dimension_count', SPEC_LIMITS.headWidth, headWidth),
      ...(contents.frequencyFactors ? { frequencyFactors: contents.frequencyFactors } : {}),
    },
    biases: {
      qkv: contents.hasTensor('blk.0.attn_q.bias'),
      attentionOutput: contents.hasTensor('blk.0.attn_output.bias'),
      ffn: contents.hasTensor('blk.0.ffn_gate.bias'),
    },
    hasTiedEmbeddings: !contents.hasTensor('output.weight'),
  };
  checkSpec(spec, fields, {
    headCount: 'llama.attention.head_count',
    kvHeadCount: 'llama.attention.head_count_kv',
    headWidth: 'llama.attention.key_length',
    rotaryWidth: 'llama.rope.dimension_count',
  });
  checkFrequencyFactors(spec);
  return spec;
}

function checkFrequencyFactors({ rope }: ModelSpec): void {
  const expected = rope.rotaryWidth / 2;
  const actual = rope.frequencyFactors?.length ?? expected;
  if (actual === expected) return;
  throw new WaferError('TENSOR_SHAPE', { tensor: 'rope_freqs.weight', actual, expected });
}

function checkSupported(fields: Fields): void {
  const architecture = fields.string('general.architecture');
  const refuse = (what: string): WaferError =>
    new WaferError('MODEL_UNSUPPORTED', {
      path: fields.path,
      architecture: what,
      supported: GGUF_ARCHITECTURES,
    });
  if (!GGUF_ARCHITECTURES.includes(architecture)) throw refuse(architecture.slice(0, 80));
  const count = { min: 0, max: 65_536, fallback: 0 };
  const experts = fields.integer('llama.expert_count', count);
  if (experts > 0) throw refuse(`llama with ${experts} experts`);
  if (fields.integer('split.count', count) > 1) throw refuse('llama split over several files');
}

function scalingOf(fields: Fields, contextMax: number): RopeScaling {
  const key = 'llama.rope.scaling.type';
  const rule = { min: 1, max: 1e6 };
  const old = fields.number('llama.rope.scale_linear', { ...rule, fallback: 1 });
  const kind = fields.string(key, old === 1 ? 'none' : 'linear');
  if (kind === 'none') return { kind };
  const factor = decimal(fields.number('llama.rope.scaling.factor', { ...rule, fallback: old }));
  if (kind === 'linear') return { kind, factor };
  if (kind !== 'yarn') throw fields.invalid(key, 'none, linear or yarn');
  const beta = { min: 1e-3, max: 1e6 };
  const betaFast = fields.number('llama.rope.scaling.yarn_beta_fast', { ...beta, fallback: 32 });
  const betaSlow = fields.number('llama.rope.scaling.yarn_beta_slow', { ...beta, fallback: 1 });
  if (betaFast <= betaSlow) {
    throw fields.invalid('llama.rope.scaling.yarn_beta_fast', `more than ${betaSlow}`);
  }
  const share = { min: 1e-6, max: 1e6, fallback: 1 };
  return {
    kind,
    factor,
    originalContext: fields.integer('llama.rope.scaling.original_context_length', {
      min: 1,
      max: SPEC_LIMITS.contextMax,
      fallback: contextMax,
    }),
    betaFast,
    betaSlow,
    // The file's factor multiplies the usual one.
    attentionFactor:
      fields.number('llama.rope.scaling.attn_factor', share) * yarnMagnitude(factor, 1),
    truncate: true,
  };
}

/** The shortest decimal that is this f32: GGUF's 9.99999974e-6 is the 1e-5 of other configs. */
function decimal(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
