import { WaferError, type ModelSpec } from '@wafer/core';
import { describe, expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import { readHfConfig } from './families.ts';

const LLAMA_CONFIG: Record<string, unknown> = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 100,
};

const specOf = (changes: Record<string, unknown>): ModelSpec =>
  readHfConfig(new Fields('config.json', { ...LLAMA_CONFIG, ...changes })).spec;

function refusal(changes: Record<string, unknown>): WaferError {
  try {
    specOf(changes);
  } catch (error) {
    if (error instanceof WaferError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('a sound model that is not for here is named in words of its users', () => {
  const QUANTIZED = /dtype q8_0 or q4_0/;
  const cases: [string, Record<string, unknown>, RegExp, RegExp][] = [
    ['GPTQ', { quantization_config: { quant_method: 'gptq', bits: 4 } }, /GPTQ, 4 bits/, QUANTIZED],
    ['AWQ', { quantization_config: { quant_method: 'awq', w_bit: 4 } }, /AWQ, 4 bits/, QUANTIZED],
    [
      'bitsandbytes',
      { quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true } },
      /bitsandbytes, 4 bits/,
      QUANTIZED,
    ],
    ['MLX', { quantization: { group_size: 64, bits: 4 } }, /MLX, 4 bits/, QUANTIZED],
    ['a newer MLX', { quantization_config: { group_size: 64, bits: 8 } }, /MLX, 8/, QUANTIZED],
    [
      'bitsandbytes, without its name',
      { quantization_config: { load_in_8bit: true } },
      /bitsandbytes, 8 bits/,
      QUANTIZED,
    ],
    [
      'AWQ, without its name',
      { quantization_config: { bits: 4, group_size: 128, version: 'GEMM' } },
      /AWQ, 4 bits/,
      QUANTIZED,
    ],
    ['ModelOpt', { quantization_config: { quant_algo: 'NVFP4' } }, /ModelOpt/, QUANTIZED],
    [
      'a tool that nobody knows',
      { quantization_config: { quant_method: 'new', bits: 3 } },
      /by new, 3 bits/,
      QUANTIZED,
    ],
    [
      'compressed integers',
      {
        quantization_config: {
          quant_method: 'compressed-tensors',
          config_groups: { g: { weights: { num_bits: 4, type: 'int' } } },
        },
      },
      /compressed-tensors, as 4-bit int/,
      QUANTIZED,
    ],
    ['an older compression', { compression_config: {} }, /old version of compressed/, QUANTIZED],
    ['drafts', { architectures: ['LlamaForCausalLMEagle3'] }, /draft part/, /drafts for/],
    ['embeddings', { architectures: ['GteModel'] }, /encoder/, /generation/],
    ['speech', { architectures: ['Wav2Vec2ForCTC'] }, /sound/, /generation/],
    ['segments', { architectures: ['SegformerForSemanticSegmentation'] }, /images/, /generation/],
    [
      'a part of a pipeline',
      { architectures: undefined, _class_name: 'UNet2DConditionModel' },
      /images/,
      /generation/,
    ],
    ['a reranker', { architectures: ['Qwen3ForSequenceClassification'] }, /ranks/, /generation/],
    ['an encoder', { architectures: ['XLMRobertaModel'] }, /encoder/, /generation/],
    ['T5', { architectures: ['T5ForConditionalGeneration'] }, /encoder and a decoder/, /decoder/],
    ['any other pair', { architectures: ['X'], is_encoder_decoder: true }, /encoder/, /decoder/],
    ['CLIP', { architectures: ['CLIPModel'] }, /for images/, /generation/],
    [
      'a model that sees',
      { architectures: ['Qwen2_5_VLForConditionalGeneration'], vision_config: {} },
      /reads images/,
      /LlamaForCausalLM/,
    ],
    ['another activation', { hidden_act: 'gelu' }, /gelu/, /silu/],
    ['another stretch', { rope_scaling: { rope_type: 'magic' } }, /magic/, /dynamic/],
    [
      'layers that rotate differently',
      { rope_parameters: { full_attention: { rope_theta: 5 }, sliding_attention: {} } },
      /differently/,
      /alike/,
    ],
  ];
  test.each(cases)('%s', (_, changes, what, hint) => {
    const { code, details } = refusal(changes);
    expect(code).toBe('MODEL_KIND');
    expect(details).toMatchObject({
      what: expect.stringMatching(what),
      hint: expect.stringMatching(hint),
    });
  });
});

describe('what transformers saves of these families is read', () => {
  test('dynamic scaling is none up to the context of the config', () => {
    const plain = specOf({});
    expect(specOf({ rope_scaling: { type: 'dynamic', factor: 2 } })).toEqual(plain);
    expect(specOf({ rope_parameters: { rope_type: 'dynamic', factor: 4 } })).toEqual(plain);
  });

  test('YaRN without a factor takes what the context is of the original one', () => {
    const yarn = { rope_type: 'yarn', original_max_position_embeddings: 512, factor: null };
    const { rope } = specOf({ rope_scaling: yarn, max_position_embeddings: 2048 });
    expect(rope.scaling).toMatchObject({ kind: 'yarn', factor: 4, originalContext: 512 });
  });

  test('the same rotation for each kind of layer is one rotation', () => {
    const same = { rope_type: 'linear', factor: 2, rope_theta: 7 };
    const { rope } = specOf({ rope_parameters: { full_attention: same, sliding_attention: same } });
    expect(rope).toMatchObject({ theta: 7, scaling: { kind: 'linear', factor: 2 } });
  });

  test('swish is silu, and a bare model is its family', () => {
    expect(specOf({ hidden_act: 'swish' })).toEqual(specOf({}));
    expect(specOf({ architectures: ['LlamaModel'] })).toEqual(specOf({}));
  });

  test('the text model inside one that reads images is found by its type', () => {
    const { architectures: _, ...text } = LLAMA_CONFIG;
    const outer = {
      architectures: ['LlavaForConditionalGeneration'],
      text_config: { ...text, model_type: 'llama' },
      vision_config: {},
    };
    expect(readHfConfig(new Fields('config.json', outer)).spec).toEqual(specOf({}));
  });

  test('a text model inside leaves out what its class says anyhow, as in LLaVA', () => {
    const specOfText = (text: object): ModelSpec => {
      const outer = { architectures: ['LlavaForConditionalGeneration'], text_config: text };
      return readHfConfig(new Fields('config.json', outer)).spec;
    };
    const sizes = { modelWidth: 4096, layerCount: 32, headCount: 32 };
    expect(specOfText({ model_type: 'llama', vocab_size: 32_064 })).toMatchObject({
      ...{ ...sizes, kvHeadCount: 32, ffnWidth: 11_008, vocabCount: 32_064 },
    });
    expect(specOfText({ model_type: 'mistral', sliding_window: null })).toMatchObject({
      ...{ ...sizes, kvHeadCount: 8, ffnWidth: 14_336, vocabCount: 32_000 },
    });
    // By itself a config says them: without, it is cut off.
    expect(() => specOf({ hidden_size: undefined })).toThrow('hidden_size');
  });
});
