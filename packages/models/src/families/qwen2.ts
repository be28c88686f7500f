/**
 * Qwen2 and Qwen2.5: biases at q, k and v; windows from a layer on, where they are switched on.
 *
 * Source: transformers, configuration_qwen2.py; llama.cpp's keys of `qwen2`, which knows no
 * windows: the keys that say them are those of other architectures.
 */
import type { LayerSpec, ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import type { FamilyFiles, GgufContents, GgufFamily } from './family.ts';
import { ggufBase, ggufWindows, readGgufBase, readGgufWindows } from './gguf-base.ts';
import { hfBase, LLAMA_DEFAULTS, readHfBase, USUAL_SIZES, type HfDefaults } from './hf-base.ts';
import { readSwitchedWindow, switchedWindow } from './hf-layers.ts';
import { patternFrom } from './layer-pattern.ts';
import { GGUF_NAMES, HF_NAMES } from './tensor-places.ts';
import { DENSE, tinyLayers, PLAIN, QKV_BIASES, WINDOW_TOKENS } from './tiny-shape.ts';

/** Those of Qwen2Config. */
export const QWEN_DEFAULTS: HfDefaults = {
  ...LLAMA_DEFAULTS,
  contextMax: 32_768,
  kvHeadCount: 32,
};
const USUAL_WINDOW = 4096;
const USUAL_FIRST_WINDOW = 28;

export const QWEN2: FamilyFiles = {
  family: 'qwen2',
  tiny: {
    ...PLAIN,
    family: 'qwen2',
    ...tinyLayers((index) => ({ ...DENSE, sees: index < 4 ? 'all' : 'window' })),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 1_000_000 },
    biases: QKV_BIASES,
    hasTiedEmbeddings: true,
    attention: { ...PLAIN.attention, windowTokens: WINDOW_TOKENS },
  },
  hf: {
    architectures: ['Qwen2ForCausalLM'],
    modelType: 'qwen2',
    layout: 'halves',
    names: HF_NAMES,
    usualSizes: { ...USUAL_SIZES, intermediate_size: 22_016, vocab_size: 151_936 },
    read(fields) {
      const spec = readHfBase(fields, { family: 'qwen2', layout: 'halves' }, QWEN_DEFAULTS);
      const biases = { qkv: true, attentionOutput: false, ffn: false };
      return { ...withQwenWindows(spec, fields), biases };
    },
    write(spec) {
      return { ...hfBase(spec), ...switchedWindow(spec) };
    },
  },
  gguf: qwenGguf('qwen2'),
};

/** Qwen2 or Qwen3 in GGUF, which differ in the norms of q and k. */
export function qwenGguf(family: 'qwen2' | 'qwen3'): GgufFamily {
  return {
    architecture: family,
    layout: 'halves',
    names: GGUF_NAMES,
    read(fields, contents) {
      const kind = { family, architecture: family, layout: 'halves' } as const;
      const spec = withGgufWindows(readGgufBase(fields, contents, kind), fields, contents);
      const queryKeyNorm = family === 'qwen3' ? 'learned' : 'none';
      return { ...spec, attention: { ...spec.attention, queryKeyNorm } };
    },
    write(spec) {
      return [...ggufBase(spec, family), ...ggufWindows(spec, family)];
    },
  };
}

/** Windows from `max_window_layers` on. */
export function withQwenWindows(spec: ModelSpec, fields: Fields): ModelSpec {
  const first = fields.integer('max_window_layers', {
    min: 0,
    max: SPEC_LIMITS.layerCount,
    fallback: USUAL_FIRST_WINDOW,
  });
  const { layerCount } = spec;
  const from = (index: number): boolean => index >= first;
  const { sees, windowTokens } = readSwitchedWindow(fields, layerCount, from, USUAL_WINDOW);
  return {
    ...spec,
    attention: { ...spec.attention, windowTokens },
    layers: patternFrom(layerCount, (index) => rotatedLayer(sees[index] ?? 'all')),
  };
}

export function withGgufWindows(
  spec: ModelSpec,
  fields: Fields,
  contents: GgufContents,
): ModelSpec {
  const { family, layerCount } = spec;
  const layers = { architecture: family, layerCount, everyOpen: undefined };
  const windows = readGgufWindows(fields, contents, layers);
  if (windows === undefined) return spec;
  const { isWindowed, windowTokens } = windows;
  return {
    ...spec,
    attention: { ...spec.attention, windowTokens },
    layers: patternFrom(layerCount, (index) =>
      rotatedLayer(isWindowed[index] === true ? 'window' : 'all'),
    ),
  };
}

function rotatedLayer(sees: LayerSpec['sees']): LayerSpec {
  return { sees, isRotated: true, ffn: 'dense' };
}
