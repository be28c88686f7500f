/**
 * SmolLM3: Llama with every fourth layer not rotated; windows there, where they are switched on.
 *
 * SmolLM2 is plain Llama and says so in its config.
 *
 * Source: transformers, configuration_smollm3.py; llama.cpp's keys of `smollm3`, which fixes the
 * layers without rotation.
 */
import type { LayerSpec, ModelSpec } from '@wafer/core';
import type { FamilyFiles } from './family.ts';
import { ggufBase, ggufWindows, readGgufBase, readGgufWindows } from './gguf-base.ts';
import { hfBase, LLAMA_DEFAULTS, readHfBase, type HfDefaults } from './hf-base.ts';
import { readRotated, readSwitchedWindow, rotatedList, switchedWindow } from './hf-layers.ts';
import { patternFrom } from './layer-pattern.ts';
import { GGUF_NAMES, HF_NAMES } from './tensor-places.ts';
import { DENSE, tinyLayers, PLAIN } from './tiny-shape.ts';

const ARCHITECTURE = 'smollm3';
/** Every fourth layer is without rotation. */
const PERIOD = 4;

/** Those of SmolLM3Config. */
const DEFAULTS: HfDefaults = {
  ...LLAMA_DEFAULTS,
  contextMax: 32_768,
  theta: 2e6,
  kvHeadCount: 4,
  hasTiedEmbeddings: true,
};

export const SMOLLM3: FamilyFiles = {
  family: 'smollm3',
  tiny: {
    ...PLAIN,
    family: 'smollm3',
    ...tinyLayers((index) => ({ ...DENSE, isRotated: index % 4 !== 3 })),
    normEpsilon: 1e-6,
    rope: { ...PLAIN.rope, theta: 2_000_000 },
    hasTiedEmbeddings: true,
  },
  hf: {
    architectures: ['SmolLM3ForCausalLM'],
    modelType: 'smollm3',
    layout: 'halves',
    names: HF_NAMES,
    read(fields) {
      const base = readHfBase(fields, { family: 'smollm3', layout: 'halves' }, DEFAULTS);
      const { layerCount } = base;
      const hasBias = fields.boolean('attention_bias', false);
      const ffn = fields.boolean('mlp_bias', false);
      const spec = { ...base, biases: { qkv: hasBias, attentionOutput: hasBias, ffn } };
      const isRotated = readRotated(fields, layerCount);
      const isOpen = (index: number): boolean => isRotated[index] === false;
      const { sees, windowTokens } = readSwitchedWindow(fields, layerCount, isOpen);
      return withLayers(spec, windowTokens, (index) => ({
        sees: sees[index] ?? 'all',
        isRotated: isRotated[index] ?? true,
        ffn: 'dense',
      }));
    },
    write(spec) {
      const { qkv, ffn } = spec.biases;
      return {
        ...hfBase(spec),
        ...switchedWindow(spec),
        no_rope_layers: rotatedList(spec),
        attention_bias: qkv,
        mlp_bias: ffn,
      };
    },
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'pairs',
    names: GGUF_NAMES,
    read(fields, contents) {
      const kind = { family: 'smollm3', architecture: ARCHITECTURE, layout: 'pairs' } as const;
      const spec = readGgufBase(fields, contents, kind);
      const { layerCount } = spec;
      const layers = { architecture: ARCHITECTURE, layerCount, everyOpen: undefined };
      const { isWindowed = [], windowTokens = 0 } = readGgufWindows(fields, contents, layers) ?? {};
      return withLayers(spec, windowTokens, (index) => ({
        sees: isWindowed[index] === true ? 'window' : 'all',
        isRotated: (index + 1) % PERIOD !== 0,
        ffn: 'dense',
      }));
    },
    write(spec) {
      return [...ggufBase(spec, ARCHITECTURE), ...ggufWindows(spec, ARCHITECTURE)];
    },
  },
};

function withLayers(
  spec: ModelSpec,
  windowTokens: number,
  layerAt: (index: number) => LayerSpec,
): ModelSpec {
  return {
    ...spec,
    attention: { ...spec.attention, windowTokens },
    layers: patternFrom(spec.layerCount, layerAt),
  };
}
