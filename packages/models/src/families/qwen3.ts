/**
 * Qwen3: Qwen2 with norms of each head of q and k, and without biases unless the config asks.
 *
 * Source: transformers, configuration_qwen3.py; llama.cpp's keys of `qwen3`.
 */
import type { FamilyFiles } from './family.ts';
import { hfBase, readHfBase } from './hf-base.ts';
import { switchedWindow } from './hf-layers.ts';
import { QWEN_DEFAULTS, qwenGguf, withQwenWindows } from './qwen2.ts';
import { HF_NAMES } from './tensor-places.ts';
import { PLAIN } from './tiny-shape.ts';

export const QWEN3: FamilyFiles = {
  family: 'qwen3',
  tiny: {
    ...PLAIN,
    family: 'qwen3',
    normEpsilon: 1e-6,
    headWidth: 32,
    rope: { ...PLAIN.rope, theta: 1_000_000, rotaryWidth: 32 },
    hasTiedEmbeddings: true,
    attention: { ...PLAIN.attention, queryKeyNorm: 'learned' },
  },
  hf: {
    architectures: ['Qwen3ForCausalLM'],
    modelType: 'qwen3',
    layout: 'halves',
    names: HF_NAMES,
    read(fields) {
      const defaults = { ...QWEN_DEFAULTS, headWidth: 128 };
      const base = readHfBase(fields, { family: 'qwen3', layout: 'halves' }, defaults);
      const hasBias = fields.boolean('attention_bias', false);
      const spec = withQwenWindows(base, fields);
      return {
        ...spec,
        biases: { qkv: hasBias, attentionOutput: hasBias, ffn: false },
        attention: { ...spec.attention, queryKeyNorm: 'learned' },
      };
    },
    write(spec) {
      const { qkv } = spec.biases;
      return { ...hfBase(spec), ...switchedWindow(spec), attention_bias: qkv };
    },
  },
  gguf: qwenGguf('qwen3'),
};
