import { layerOf, WaferError, type ModelSpec } from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import type { GgufContents } from './family.ts';
import { readGguf } from './families.ts';

type Values = Record<string, number | string | boolean | object>;

/** Keys that every architecture has, and those of one. */
function keys(architecture: string, more: Values): Values {
  const own = {
    embedding_length: 2048,
    block_count: 8,
    context_length: 131_072,
    feed_forward_length: 6144,
    'attention.head_count': 32,
    'attention.head_count_kv': 4,
    'attention.key_length': 128,
    'attention.value_length': 128,
    'attention.layer_norm_rms_epsilon': Math.fround(1e-6),
    'rope.freq_base': 1e6,
    vocab_size: 1000,
    ...more,
  };
  return {
    'general.architecture': architecture,
    ...Object.fromEntries(Object.entries(own).map(([key, v]) => [`${architecture}.${key}`, v])),
  };
}

function specOf(values: Values, contents: Partial<GgufContents> = {}): ModelSpec {
  const nothing: GgufContents = {
    hasTensor: () => false,
    tokenCount: undefined,
    embeddingRows: undefined,
    frequencyFactors: undefined,
    booleans: () => undefined,
    numbers: () => undefined,
  };
  return readGguf(new Fields('m.gguf', values), { ...nothing, ...contents }).spec;
}

const EXPERTS = { expert_count: 16, expert_used_count: 4, expert_feed_forward_length: 768 };
const LLAMA4 = { ...EXPERTS, expert_used_count: 1, interleave_moe_layer_step: 2 };
const GLM = { ...EXPERTS, expert_shared_count: 1, leading_dense_block_count: 1 };
const WINDOW = 'attention.sliding_window';

const sees = (spec: ModelSpec): string[] =>
  Array.from({ length: 4 }, (_, index) => layerOf(spec, index).sees);

describe('keys of published files mean what llama.cpp computes', () => {
  test('llama is Llama, Mistral with a window, Mixtral with experts', () => {
    expect(specOf(keys('llama', {}))).toMatchObject({
      family: 'llama',
      normEpsilon: 1e-6,
      rope: { layout: 'pairs' },
      hasTiedEmbeddings: true,
    });
    const mixtral = specOf(keys('llama', EXPERTS));
    expect(mixtral.family).toBe('mixtral');
    expect(mixtral.experts).toMatchObject({ expertWidth: 6144, router: { score: 'softmax' } });
    const mistral = specOf(keys('llama', { [WINDOW]: 4096 }));
    expect([mistral.family, ...sees(mistral)]).toEqual(['mistral', ...Array(4).fill('window')]);
  });

  test('biases and a head of its own are there if their tensors are', () => {
    const names = ['blk.0.attn_q.bias', 'output.weight'];
    const spec = specOf(keys('qwen2', {}), { hasTensor: (name) => names.includes(name) });
    expect(spec.biases).toEqual({ qkv: true, attentionOutput: false, ffn: false });
    expect(spec).toMatchObject({ hasTiedEmbeddings: false, rope: { layout: 'halves' } });
  });

  test('qwen3moe normalizes and has experts everywhere', () => {
    const spec = specOf(keys('qwen3moe', EXPERTS));
    expect(spec.experts).toMatchObject({ expertWidth: 768, router: { weights: 'normalized' } });
    expect(spec.attention.queryKeyNorm).toBe('learned');
    expect(layerOf(spec, 0).ffn).toBe('experts');
  });

  test('gpt-oss has windows by turns, beginning with one', () => {
    const spec = specOf(keys('gpt-oss', { ...EXPERTS, [WINDOW]: 128 }));
    expect(sees(spec)).toEqual(['window', 'all', 'window', 'all']);
    expect(spec).toMatchObject({
      activation: { kind: 'clamped', alpha: 1.702, limit: 7 },
      attention: { hasSinks: true, windowTokens: 128 },
    });
    const three = keys('gpt-oss', { ...EXPERTS, [WINDOW]: 128, [`${WINDOW}_pattern`]: 3 });
    expect(sees(specOf(three))).toEqual(['window', 'window', 'all', 'window']);
  });

  test('a pattern of windows may be an array', () => {
    const values = keys('smollm3', { [WINDOW]: 64, [`${WINDOW}_pattern`]: 'an array' });
    const booleans = (): boolean[] => [true, false, false, true, true, true, true, true, true];
    expect(sees(specOf(values, { booleans }))).toEqual(['window', 'all', 'all', 'window']);
  });

  test('glm4 rotates neighbors of a part of each head, and norms what it adds', () => {
    const spec = specOf(keys('glm4', { 'rope.dimension_count': 64 }));
    expect(spec.rope).toMatchObject({ layout: 'pairs', rotaryWidth: 64 });
    expect(spec.hasPostNorms).toBe(true);
  });

  test('glm4moe passes over layers that predict further tokens', () => {
    const spec = specOf(keys('glm4moe', { ...GLM, nextn_predict_layers: 1 }));
    expect(spec.layerCount).toBe(7);
    expect([layerOf(spec, 0).ffn, layerOf(spec, 1).ffn]).toEqual(['dense', 'experts']);
    expect(spec.experts).toMatchObject({
      sharedWidth: 768,
      router: { score: 'sigmoid', weights: 'scores', hasSelectionBias: true, scale: 1 },
    });
    const more = { expert_weights_norm: true, expert_weights_scale: 2.5, expert_gating_func: 2 };
    const normed = specOf(keys('glm4moe', { ...GLM, ...more }), {
      hasTensor: (name) => name === 'blk.0.attn_q_norm.weight',
    });
    expect(normed.experts?.router).toMatchObject({ weights: 'normalized', scale: 2.5 });
    expect(normed.attention.queryKeyNorm).toBe('learned');
  });

  test('llama4 sees chunks of 8192, and 128 experts go without norms', () => {
    const spec = specOf(keys('llama4', LLAMA4));
    expect(sees(spec)).toEqual(['chunk', 'chunk', 'chunk', 'all']);
    expect([layerOf(spec, 0).ffn, layerOf(spec, 1).ffn]).toEqual(['dense', 'experts']);
    expect(spec.attention).toMatchObject({
      windowTokens: 8192,
      queryKeyNorm: 'unit',
      temperature: { scale: 0.1, floorTokens: 8192 },
    });
    expect(spec.experts).toMatchObject({ weighsInput: true, sharedWidth: 768 });
    const large = specOf(keys('llama4', { ...LLAMA4, expert_count: 128 }));
    expect(large.attention.queryKeyNorm).toBe('none');
  });
});

describe('metadata is refused, with the key and both values', () => {
  const cases: [string, Values, string][] = [
    ['an architecture of its own', keys('mamba', {}), 'mamba'],
    ['groups in llama', keys('llama', { ...EXPERTS, expert_group_count: 4 }), 'group'],
    [
      'more chosen than there are',
      keys('qwen3moe', { ...EXPERTS, expert_used_count: 17 }),
      'expert_used_count',
    ],
    ['no width of experts', keys('gpt-oss', { expert_count: 4, expert_used_count: 2 }), 'length'],
    ['another gating', keys('glm4moe', { ...GLM, expert_gating_func: 1 }), 'gating_func'],
    [
      'as many predicting layers as there are',
      keys('glm4moe', { ...GLM, nextn_predict_layers: 8 }),
      'nextn_predict_layers',
    ],
    ['no chunks', keys('llama4', { ...LLAMA4, [WINDOW]: 0 }), WINDOW],
    [
      'a pattern of too few layers',
      keys('qwen3', { [WINDOW]: 8, [`${WINDOW}_pattern`]: 'none' }),
      'pattern',
    ],
    ['a step of 0', keys('llama4', { ...LLAMA4, interleave_moe_layer_step: 0 }), 'step'],
    ['values of another width', keys('qwen3', { 'attention.value_length': 64 }), 'value_length'],
  ];
  test.each(cases)('%s', (_, values, text) => {
    try {
      specOf(values);
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      expect(error.message).toContain(text);
      expect(error.code).toMatch(/^(CONFIG_INVALID|MODEL_UNSUPPORTED)$/);
      return;
    }
    throw new Error('it was accepted');
  });
});

describe('a list with a number for each layer', () => {
  const list = (values: number[]): Partial<GgufContents> => ({ numbers: () => values });

  test('is that number where all are the same', () => {
    const values = keys('llama', { 'attention.head_count_kv': {}, feed_forward_length: {} });
    const spec = specOf(values, {
      numbers: (key) => Array<number>(8).fill(key.includes('kv') ? 8 : 512),
    });
    expect(spec).toMatchObject({ kvHeadCount: 8, ffnWidth: 512 });
  });

  test.each([
    ['of another length', [8, 8]],
    ['of several numbers', [8, 8, 4, 8, 8, 8, 8, 8]],
    ['of zeros', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s is refused in plain words', (_, values) => {
    const read = (): ModelSpec =>
      specOf(keys('llama', { 'attention.head_count_kv': {} }), list(values));
    expect(read).toThrow(/^MODEL_KIND.*head_count_kv is \d.*8 layers/);
  });
});

describe('keys that are absent', () => {
  test('a factor without a kind is linear, as is the old key; 0 is none', () => {
    const scaling = (more: Values): unknown => specOf(keys('llama', more)).rope.scaling;
    expect(scaling({ 'rope.scaling.factor': 4 })).toEqual({ kind: 'linear', factor: 4 });
    expect(scaling({ 'rope.scale_linear': 2 })).toEqual({ kind: 'linear', factor: 2 });
    expect(scaling({ 'rope.scaling.type': 'linear' })).toEqual({ kind: 'none' });
    expect(scaling({ 'rope.scaling.factor': 0 })).toEqual({ kind: 'none' });
  });

  test('experts are as wide as the dense layers divide among those chosen', () => {
    const { expert_feed_forward_length: _, ...counts } = EXPERTS;
    expect(specOf(keys('qwen3moe', counts)).experts).toMatchObject({ expertWidth: 6144 / 4 });
  });

  test('where all layers have experts, nothing need be said of dense ones', () => {
    const values = keys('qwen3moe', EXPERTS);
    delete values['qwen3moe.feed_forward_length'];
    expect(specOf(values).experts).toMatchObject({ expertWidth: 768 });
  });
});

test('the rows of the embedding are the vocabulary, whatever a key says', () => {
  expect(specOf(keys('llama', { vocab_size: 480 }), { embeddingRows: 512 }).vocabCount).toBe(512);
  expect(specOf(keys('llama', { vocab_size: 480 })).vocabCount).toBe(480);
});
