import { PLAIN_NETWORK, ropeFrequencies, ropeMagnitude, WaferError } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import { HF_ARCHITECTURES, readHfConfig } from './families.ts';

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 100,
};

const specOf = (changes: Record<string, unknown>): ModelSpec =>
  readHfConfig(new Fields('config.json', { ...CONFIG, ...changes })).spec;

function refusal(changes: Record<string, unknown>): { code: string; details: object } {
  try {
    specOf(changes);
  } catch (error) {
    if (error instanceof WaferError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('absent fields take the defaults of LlamaConfig', () => {
  expect(specOf({})).toEqual({
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: 100,
    modelWidth: 64,
    layerCount: 2,
    headCount: 4,
    kvHeadCount: 4,
    headWidth: 16,
    ffnWidth: 96,
    contextMax: 2048,
    normEpsilon: 1e-6,
    rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 16 },
    biases: { qkv: false, attentionOutput: false, ffn: false },
    hasTiedEmbeddings: false,
  });
});

test('null means absent', () => {
  expect(specOf({ head_dim: null, rope_scaling: null, num_key_value_heads: null })).toEqual(
    specOf({}),
  );
});

test('every field moves the spec', () => {
  const spec = specOf({
    head_dim: 8,
    num_key_value_heads: 2,
    max_position_embeddings: 77,
    rms_norm_eps: 0.5,
    rope_theta: 500_000,
    attention_bias: true,
    mlp_bias: true,
    tie_word_embeddings: true,
    partial_rotary_factor: 0.5,
  });
  expect(spec).toMatchObject({
    headWidth: 8,
    kvHeadCount: 2,
    contextMax: 77,
    normEpsilon: 0.5,
    rope: { theta: 500_000, rotaryWidth: 4 },
    biases: { qkv: true, attentionOutput: true, ffn: true },
    hasTiedEmbeddings: true,
  });
});

describe('rope scaling', () => {
  const llama3 = {
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };

  test('is read from both keys and under both names of its kind', () => {
    const expected = {
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 8192,
    };
    const older = specOf({ rope_scaling: { type: 'llama3', ...llama3 } });
    const newer = specOf({ rope_parameters: { rope_type: 'llama3', rope_theta: 5, ...llama3 } });
    expect(older.rope).toMatchObject({ scaling: expected, theta: 10_000 });
    expect(newer.rope).toMatchObject({ scaling: expected, theta: 5 });
    // Files that say both mean the newer one.
    const both = specOf({ rope_scaling: { ...llama3, rope_type: 'llama3', type: 'linear' } });
    expect(both.rope.scaling).toEqual(expected);
  });

  test('of kind default is none, of kind linear has a factor', () => {
    expect(specOf({ rope_scaling: { rope_type: 'default' } }).rope.scaling.kind).toBe('none');
    expect(specOf({ rope_scaling: { rope_type: 'linear', factor: 2 } }).rope.scaling).toEqual({
      kind: 'linear',
      factor: 2,
    });
  });

  test('of kind longrope divides by its short factors, in the context that they are for', () => {
    const short_factor = Array.from({ length: 8 }, (_, i) => 1 + i / 8);
    const scaling = { short_factor, long_factor: short_factor.map((factor) => factor * 9) };
    const max_position_embeddings = 131_072;
    const inner = { ...scaling, original_max_position_embeddings: 4096 };
    for (const type of ['longrope', 'su']) {
      const spec = specOf({ max_position_embeddings, rope_scaling: { type, ...inner } });
      expect(spec.contextMax).toBe(4096);
      // The square root of 1 + ln 32 / ln 4096.
      expect(ropeMagnitude(spec.rope.scaling)).toBeCloseTo(1.190238, 6);
      const plain = ropeFrequencies(specOf({}).rope);
      ropeFrequencies(spec.rope).forEach((frequency, i) => {
        expect(frequency).toBeCloseTo(plain[i]! / short_factor[i]!, 14);
      });
    }
    const outer = { max_position_embeddings, original_max_position_embeddings: 4096 };
    const given = { rope_type: 'longrope', ...scaling, attention_factor: 1.5 };
    const told = specOf({ ...outer, rope_parameters: given });
    expect([told.contextMax, ropeMagnitude(told.rope.scaling)]).toEqual([4096, 1.5]);
    const { details } = refusal({ rope_scaling: { type: 'longrope', short_factor: [1, 0] } });
    expect(details).toMatchObject({ field: 'rope_scaling.short_factor' });
  });

  test('of kind llama3 without a first context takes that of the config', () => {
    const { original_max_position_embeddings: _, ...rest } = llama3;
    const { scaling } = specOf({ rope_scaling: { rope_type: 'llama3', ...rest } }).rope;
    expect(scaling).toMatchObject({ originalContext: 2048 });
  });

  test('of kind yarn has its usual values', () => {
    expect(specOf({ rope_scaling: { rope_type: 'yarn', factor: 4 } }).rope.scaling).toEqual({
      kind: 'yarn',
      factor: 4,
      originalContext: 2048,
      betaFast: 32,
      betaSlow: 1,
      attentionFactor: 0.1 * Math.log(4) + 1,
      truncate: true,
    });
  });

  test('of kind yarn takes its magnitude from mscale, or as given', () => {
    const scaling = (more: object): object =>
      specOf({ rope_scaling: { rope_type: 'yarn', factor: 4, ...more } }).rope.scaling;
    const share = (m: number): number => 0.1 * m * Math.log(4) + 1;
    expect(scaling({ mscale: 2, mscale_all_dim: 0.5 })).toMatchObject({
      attentionFactor: share(2) / share(0.5),
    });
    expect(scaling({ attention_factor: 3, truncate: false })).toMatchObject({
      attentionFactor: 3,
      truncate: false,
    });
  });
});

describe('quantized weights', () => {
  const group = (weights: object): object => ({ config_groups: { group_0: { weights } } });
  const accepted: [string, object][] = [
    ['of MXFP4', { quant_method: 'mxfp4', modules_to_not_convert: ['lm_head'] }],
    ['of fp8 by squares', { quant_method: 'fp8', weight_block_size: [128, 128] }],
    ['of fp8 by tensors', { quant_method: 'fp8', activation_scheme: 'dynamic' }],
    [
      'of compressed 8-bit floats',
      { quant_method: 'compressed-tensors', ...group({ type: 'float', num_bits: 8 }) },
    ],
  ];
  test.each(accepted)('%s are read', (_, config) => {
    expect(specOf({ quantization_config: config })).toEqual(specOf({}));
  });

  const refused: [string, object, string][] = [
    ['of squares of 64', { quant_method: 'fp8', weight_block_size: [64, 64] }, 'weight_block_size'],
    ['of no groups', { quant_method: 'compressed-tensors' }, 'config_groups'],
    ['without a method', {}, 'quant_method'],
  ];
  test.each(refused)('%s are refused', (_, config, field) => {
    const { details } = refusal({ quantization_config: config });
    expect(details).toMatchObject({ field: expect.stringContaining(field) });
  });

  const foreign: [string, object][] = [
    ['8-bit int', { type: 'int', num_bits: 8 }],
    ['4-bit float', { type: 'float', num_bits: 4 }],
  ];
  test.each(foreign)('of %s are of another kind', (name, weights) => {
    const config = { quant_method: 'compressed-tensors', ...group(weights) };
    const { code, details } = refusal({ quantization_config: config });
    expect({ code, ...details }).toMatchObject({
      code: 'MODEL_KIND',
      what: expect.stringContaining(name),
    });
  });
});

describe('a config is refused', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['without a width', { hidden_size: undefined }, 'hidden_size'],
    ['with a width as text', { hidden_size: '64' }, 'hidden_size'],
    ['with a fraction of layers', { num_hidden_layers: 1.5 }, 'num_hidden_layers'],
    ['with 10^9 layers', { num_hidden_layers: 1e9 }, 'num_hidden_layers'],
    ['with no heads', { num_attention_heads: 0 }, 'num_attention_heads'],
    ['with heads that do not divide the width', { num_attention_heads: 5 }, 'head_dim'],
    ['with kv heads that do not divide heads', { num_key_value_heads: 3 }, 'num_key_value_heads'],
    ['with heads of width 6', { head_dim: 6 }, 'head_dim'],
    ['with an odd rotated width', { partial_rotary_factor: 0.2 }, 'partial_rotary_factor'],
    ['with an infinite epsilon', { rms_norm_eps: Infinity }, 'rms_norm_eps'],
    ['with scaling that is no object', { rope_scaling: 'yarn' }, 'rope_scaling'],
    ['with scaling that lacks a factor', { rope_scaling: { type: 'linear' } }, 'factor'],
    ['with ties as a number', { tie_word_embeddings: 1 }, 'tie_word_embeddings'],
    ['without architectures', { architectures: [] }, 'architectures'],
  ];
  test.each(cases)('%s', (_, changes, field) => {
    const { code, details } = refusal(changes);
    expect(code).toBe('CONFIG_INVALID');
    expect(details).toMatchObject({ field: expect.stringContaining(field), path: 'config.json' });
  });

  test('of an architecture that is not supported, with those that are', () => {
    const { code, details } = refusal({ architectures: ['MambaForCausalLM'] });
    expect(code).toBe('MODEL_UNSUPPORTED');
    expect(details).toMatchObject({
      architecture: 'MambaForCausalLM',
      supported: HF_ARCHITECTURES,
    });
  });
});
