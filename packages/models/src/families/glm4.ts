/**
 * GLM-4 without experts: norms before and after attention and feed-forward, half of each head
 * rotated, neighbors together, and gate and up in one tensor.
 *
 * Source: transformers, configuration_glm4.py; llama.cpp's keys of `glm4`.
 */
import type { FamilyFiles } from './family.ts';
import { ggufBase, readGgufBase } from './gguf-base.ts';
import { hfBase, readHfBase, type HfDefaults } from './hf-base.ts';
import { GGUF_NAMES, HF_NAMES, renamed, type PlaceRule } from './tensor-places.ts';
import { PLAIN, QKV_BIASES } from './tiny-shape.ts';

const ARCHITECTURE = 'glm4';

/** Those of Glm4Config. */
const DEFAULTS: HfDefaults = {
  contextMax: 131_072,
  normEpsilon: 1.5625e-7,
  theta: 10_000,
  rotaryShare: 0.5,
  kvHeadCount: 2,
  headWidth: 128,
};

export const GLM4: FamilyFiles = {
  family: 'glm4',
  tiny: {
    ...PLAIN,
    family: 'glm4',
    rope: { ...PLAIN.rope, layout: 'pairs', rotaryWidth: 8 },
    biases: QKV_BIASES,
    hasPostNorms: true,
  },
  hf: {
    architectures: ['Glm4ForCausalLM'],
    modelType: 'glm4',
    layout: 'pairs',
    names: renamed(HF_NAMES, {
      attentionPostNorm: 'post_self_attn_layernorm',
      ffnPostNorm: 'post_mlp_layernorm',
      gate: half('mlp.gate_up_proj.weight', 0),
      up: half('mlp.gate_up_proj.weight', 1),
    }),
    read(fields) {
      const spec = readHfBase(fields, { family: 'glm4', layout: 'pairs' }, DEFAULTS);
      const qkv = fields.boolean('attention_bias', true);
      return { ...spec, hasPostNorms: true, biases: { ...spec.biases, qkv } };
    },
    write(spec) {
      return { ...hfBase(spec), attention_bias: spec.biases.qkv };
    },
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'pairs',
    names: renamed(GGUF_NAMES, {
      attentionPostNorm: 'post_attention_norm',
      ffnPostNorm: 'post_ffw_norm',
      gate: half('ffn_up.weight', 0),
      up: half('ffn_up.weight', 1),
    }),
    read(fields, contents) {
      const kind = { family: 'glm4', architecture: ARCHITECTURE, layout: 'pairs' } as const;
      return { ...readGgufBase(fields, contents, kind), hasPostNorms: true };
    },
    write(spec) {
      return ggufBase(spec, ARCHITECTURE);
    },
  },
};

function half(weight: string, part: 0 | 1): PlaceRule {
  return { weight, fusion: { part, by: 'halves' } };
}
