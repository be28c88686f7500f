/**
 * Llama 2 and 3, and what is built alike: SmolLM2, TinyLlama, Mistral without a window.
 *
 * GGUF's architecture `llama` also holds Mistral and Mixtral: a window or experts tell them apart.
 * Its query and key rows lie so that neighbors rotate together.
 *
 * Source: transformers, configuration_llama.py; llama.cpp's keys of `llama`.
 */
import type { ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { readExpertCounts, SOFTMAX_ROUTER } from './experts.ts';
import type { FamilyFiles, GgufContents, GgufFamily } from './family.ts';
import { expertKeys, ggufBase, ggufExperts, ggufWindows, readGgufBase } from './gguf-base.ts';
import { hfBase, LLAMA_DEFAULTS, readHfBase, USUAL_SIZES } from './hf-base.ts';
import { withGgufWindows } from './qwen2.ts';
import { GGUF_NAMES, HF_NAMES } from './tensor-places.ts';
import { LLAMA3_SCALING, PLAIN } from './tiny-shape.ts';

/** Llama, Mistral and Mixtral in GGUF. */
export const LLAMA_GGUF: GgufFamily = {
  architecture: 'llama',
  layout: 'pairs',
  names: GGUF_NAMES,
  read(fields, contents) {
    const kind = { family: 'llama', architecture: 'llama', layout: 'pairs' } as const;
    return withExperts(withWindow(readGgufBase(fields, contents, kind), fields, contents), fields);
  },
  write(spec) {
    const { experts } = spec;
    // Experts are as wide as the dense layers that there are none of.
    const ffnWidth = experts?.expertWidth ?? spec.ffnWidth;
    return [
      ...ggufBase({ ...spec, ffnWidth }, 'llama'),
      ...ggufExperts(spec, 'llama'),
      ...ggufWindows(spec, 'llama'),
    ];
  },
};

export const LLAMA: FamilyFiles = {
  family: 'llama',
  tiny: { ...PLAIN, rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3_SCALING } },
  hf: {
    architectures: ['LlamaForCausalLM'],
    modelType: 'llama',
    layout: 'halves',
    names: HF_NAMES,
    usualSizes: { ...USUAL_SIZES, intermediate_size: 11_008, vocab_size: 32_000 },
    read(fields) {
      const spec = readHfBase(fields, { family: 'llama', layout: 'halves' }, LLAMA_DEFAULTS);
      const hasBias = fields.boolean('attention_bias', false);
      const ffn = fields.boolean('mlp_bias', false);
      return { ...spec, biases: { qkv: hasBias, attentionOutput: hasBias, ffn } };
    },
    write(spec) {
      const { biases } = spec;
      const config = hfBase(spec);
      return { ...config, attention_bias: biases.qkv, mlp_bias: biases.ffn };
    },
  },
  gguf: LLAMA_GGUF,
};

/** GGUF files of Mistral say `llama`, and have windows. */
function withWindow(spec: ModelSpec, fields: Fields, contents: GgufContents): ModelSpec {
  const windowed = withGgufWindows(spec, fields, contents);
  return windowed === spec ? spec : { ...windowed, family: 'mistral' };
}

function withExperts(spec: ModelSpec, fields: Fields): ModelSpec {
  const names = expertKeys('llama');
  if (fields.integer(names.count, { min: 0, max: 2 ** 20, fallback: 0 }) === 0) return spec;
  const { groups, ...counts } = readExpertCounts(fields, names, spec.layerCount);
  if (groups !== undefined) throw fields.invalid(names.groups, '1 (llama has no groups)');
  const { leading, repeating } = spec.layers;
  return {
    ...spec,
    family: 'mixtral',
    layers: {
      leading: leading.map((layer) => ({ ...layer, ffn: 'experts' })),
      repeating: repeating.map((layer) => ({ ...layer, ffn: 'experts' })),
    },
    experts: {
      ...counts,
      expertWidth: spec.ffnWidth,
      sharedWidth: 0,
      router: SOFTMAX_ROUTER,
      weighsInput: false,
      hasBias: false,
    },
  };
}
