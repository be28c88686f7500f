/**
 * Llama 4, the text model: layers that see chunks and are rotated, every fourth one neither;
 * experts at every nth layer, beside one that every token meets; the weight goes to the input.
 *
 * A folder keeps each layer's experts in one tensor, transposed, gate before up. With images, the
 * text model lies in `text_config` and its tensors behind `language_model.`.
 *
 * Source: transformers, configuration_llama4.py; llama.cpp's keys of `llama4`, which fixes chunks
 * of 8,192, the temperature and the layers without rotation, and norms q and k of all models but
 * those with 128 experts.
 */
import { expertsOf, type ExpertSpec, type LayerSpec, type ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import { readExpertCounts, type ExpertCounts } from './experts.ts';
import type { FamilyFiles, GgufContents } from './family.ts';
import {
  expertKeys,
  ggufBase,
  ggufExperts,
  ggufKeys,
  readExpertWidth,
  readGgufBase,
} from './gguf-base.ts';
import { decimal } from './gguf-rope.ts';
import { hfBase, readHfBase, type HfDefaults } from './hf-base.ts';
import { layerTypes, readLayerTypes, readRotated, readWindow, rotatedList } from './hf-layers.ts';
import { layersOf, patternFrom } from './layer-pattern.ts';
import { GGUF_NAMES, HF_NAMES, renamed, type PlaceRule } from './tensor-places.ts';
import { tinyExperts, tinyLayers, LLAMA3_SCALING, PLAIN, WINDOW_TOKENS } from './tiny-shape.ts';

const ARCHITECTURE = 'llama4';
const at = (name: string): string => `${ARCHITECTURE}.${name}`;
const COUNTS = { count: 'num_local_experts', chosen: 'num_experts_per_tok' };
const USUAL_CHUNK = 8192;
const USUAL_TEMPERATURE = { scale: 0.1, floorTokens: 8192 };
/** Every fourth layer is without rotation. */
const PERIOD = 4;
/** llama.cpp takes a model with as many experts to have no norms of q and k. */
const EXPERTS_WITHOUT_NORMS = 128;

/** Those of Llama4TextConfig. */
const DEFAULTS: HfDefaults = {
  contextMax: 131_072,
  normEpsilon: 1e-5,
  theta: 500_000,
  rotaryShare: 1,
  kvHeadCount: 8,
  headWidth: 128,
};

export const LLAMA4: FamilyFiles = {
  family: 'llama4',
  tiny: {
    ...PLAIN,
    family: 'llama4',
    ...tinyLayers((index) => ({
      sees: index % 4 === 3 ? 'all' : 'chunk',
      isRotated: index % 4 !== 3,
      ffn: index % 2 === 1 ? 'experts' : 'dense',
    })),
    rope: { ...PLAIN.rope, theta: 500_000, scaling: LLAMA3_SCALING, layout: 'pairs' },
    attention: {
      windowTokens: WINDOW_TOKENS,
      queryKeyNorm: 'unit',
      hasSinks: false,
      temperature: { scale: 0.1, floorTokens: 16 },
    },
    experts: tinyExperts(
      { expertCount: 5, chosenCount: 1, sharedWidth: 64, weighsInput: true },
      { score: 'sigmoid', weights: 'scores' },
    ),
  },
  hf: {
    architectures: ['Llama4ForCausalLM', 'Llama4ForConditionalGeneration'],
    modelType: 'llama4_text',
    layout: 'pairs',
    names: renamed(HF_NAMES, {
      gate: 'feed_forward.gate_proj',
      up: 'feed_forward.up_proj',
      down: 'feed_forward.down_proj',
      router: 'feed_forward.router',
      'experts.gate': fused(0),
      'experts.up': fused(1),
      'experts.down': {
        weight: 'feed_forward.experts.down_proj',
        isStacked: true,
        isTransposed: true,
      },
      'shared.gate': 'feed_forward.shared_expert.gate_proj',
      'shared.up': 'feed_forward.shared_expert.up_proj',
      'shared.down': 'feed_forward.shared_expert.down_proj',
    }),
    textOf(fields, architecture) {
      if (architecture === 'Llama4ForCausalLM') return { fields, prefix: '' };
      const text = fields.object('text_config');
      if (text === undefined) throw fields.invalid('text_config', 'the config of the text model');
      return { fields: text, prefix: 'language_model.' };
    },
    read: readConfig,
    write: writeConfig,
  },
  gguf: {
    architecture: ARCHITECTURE,
    layout: 'pairs',
    names: GGUF_NAMES,
    read: readKeys,
    write: writeKeys,
  },
};

function fused(part: 0 | 1): PlaceRule {
  return {
    weight: 'feed_forward.experts.gate_up_proj',
    isStacked: true,
    isTransposed: true,
    fusion: { part, by: 'halves' },
  };
}

// ---- folders

function readConfig(fields: Fields): ModelSpec {
  const base = readHfBase(fields, { family: 'llama4', layout: 'pairs' }, DEFAULTS);
  const { layerCount } = base;
  const hasBias = fields.boolean('attention_bias', false);
  const width = { min: 1, max: SPEC_LIMITS.ffnWidth, fallback: 16_384 };
  const spec = {
    ...base,
    ffnWidth: fields.integer('intermediate_size_mlp', width),
    biases: { qkv: hasBias, attentionOutput: hasBias, ffn: false },
  };
  const isRotated = readRotated(fields, layerCount);
  const chunk = readWindow(fields, 'attention_chunk_size', USUAL_CHUNK);
  const types = readLayerTypes(fields, layerCount, ['all', 'chunk']);
  if (types?.includes('chunk') === true && chunk === undefined) {
    throw fields.invalid('attention_chunk_size', 'a width, as layer_types names chunks');
  }
  const sees = types ?? isRotated.map((isOn): LayerSpec['sees'] => (isOn ? 'chunk' : 'all'));
  const hasExperts = readExpertLayers(fields, layerCount);
  return withExperts(spec, {
    counts: readExpertCounts(fields, COUNTS, layerCount, { count: 16, chosen: 1 }),
    expertWidth: base.ffnWidth,
    windowTokens: chunk ?? 0,
    hasNorms: fields.boolean('use_qk_norm', true),
    temperature: readTemperature(fields),
    layerAt: (index) => ({
      sees: chunk === undefined ? 'all' : (sees[index] ?? 'all'),
      isRotated: isRotated[index] ?? true,
      ffn: hasExperts(index) ? 'experts' : 'dense',
    }),
  });
}

function readTemperature(fields: Fields): ModelSpec['attention']['temperature'] {
  const { scale, floorTokens } = USUAL_TEMPERATURE;
  const floors = { min: 1, max: SPEC_LIMITS.contextMax, fallback: floorTokens };
  const temperature = {
    scale: fields.number('attn_scale', { min: 0, max: 1e6, fallback: scale }),
    floorTokens: fields.integer('floor_scale', floors),
  };
  // Older configs say 4 for yes.
  const value = fields.get('attn_temperature_tuning');
  const isOn = value === 4 || fields.boolean('attn_temperature_tuning', true);
  return isOn ? temperature : undefined;
}

function readExpertLayers(fields: Fields, layerCount: number): (index: number) => boolean {
  const rule = { min: 1, max: SPEC_LIMITS.layerCount, fallback: 1 };
  const step = fields.integer('interleave_moe_layer_step', rule);
  const list = fields.list('moe_layers', SPEC_LIMITS.layerCount);
  if (list === undefined) return (index) => (index + 1) % step === 0;
  const isLayer = (item: unknown): boolean =>
    Number.isSafeInteger(item) && (item as number) >= 0 && (item as number) < layerCount;
  if (!list.every(isLayer)) {
    throw fields.invalid('moe_layers', `layers below num_hidden_layers = ${layerCount}`);
  }
  const layers = new Set(list);
  return (index) => layers.has(index);
}

function writeConfig(spec: ModelSpec): Record<string, unknown> {
  const { expertCount, chosenCount, expertWidth } = expertsOf(spec);
  const { windowTokens, queryKeyNorm, temperature } = spec.attention;
  const { scale, floorTokens } = temperature ?? USUAL_TEMPERATURE;
  return {
    ...hfBase(spec),
    intermediate_size: expertWidth,
    intermediate_size_mlp: spec.ffnWidth,
    attention_bias: spec.biases.qkv,
    use_qk_norm: queryKeyNorm === 'unit',
    num_local_experts: expertCount,
    num_experts_per_tok: chosenCount,
    moe_layers: layersOf(spec).flatMap(({ ffn }, index) => (ffn === 'experts' ? [index] : [])),
    no_rope_layers: rotatedList(spec),
    layer_types: layerTypes(spec),
    attention_chunk_size: windowTokens > 0 ? windowTokens : null,
    attn_temperature_tuning: temperature !== undefined,
    attn_scale: scale,
    floor_scale: floorTokens,
  };
}

// ---- GGUF

function readKeys(fields: Fields, contents: GgufContents): ModelSpec {
  const kind = { family: 'llama4', architecture: ARCHITECTURE, layout: 'pairs' } as const;
  const spec = readGgufBase(fields, contents, kind);
  const { layerCount } = spec;
  const context = { min: 1, max: SPEC_LIMITS.contextMax };
  const step = { min: 1, max: SPEC_LIMITS.layerCount };
  const every = fields.integer(at('interleave_moe_layer_step'), step);
  const counts = readExpertCounts(fields, expertKeys(ARCHITECTURE), layerCount);
  if (counts.groups !== undefined) throw fields.invalid(expertKeys(ARCHITECTURE).groups, '1');
  const { scale, floorTokens } = USUAL_TEMPERATURE;
  const scaleRule = { min: 0, max: 1e6, fallback: scale };
  const windowTokens = fields.integer(at('attention.sliding_window'), {
    ...context,
    fallback: USUAL_CHUNK,
  });
  const isRotated = (index: number): boolean => (index + 1) % PERIOD !== 0;
  return withExperts(spec, {
    counts,
    expertWidth: readExpertWidth(fields, contents, ARCHITECTURE, spec),
    windowTokens,
    hasNorms: counts.expertCount !== EXPERTS_WITHOUT_NORMS,
    temperature: {
      scale: decimal(fields.number(at('attention.temperature_scale'), scaleRule)),
      floorTokens: fields.integer(at('attention.temperature_length'), {
        ...context,
        fallback: floorTokens,
      }),
    },
    layerAt: (index) => ({
      sees: isRotated(index) ? 'chunk' : 'all',
      isRotated: isRotated(index),
      ffn: (index + 1) % every === 0 ? 'experts' : 'dense',
    }),
  });
}

function writeKeys(spec: ModelSpec): GgufPair[] {
  const { expertWidth } = expertsOf(spec);
  const { windowTokens, temperature } = spec.attention;
  const { scale, floorTokens } = temperature ?? USUAL_TEMPERATURE;
  const step = layersOf(spec).findIndex(({ ffn }) => ffn === 'experts') + 1 || spec.layerCount + 1;
  const keys = ggufKeys(ARCHITECTURE);
  return [
    ...ggufBase(spec, ARCHITECTURE),
    ...ggufExperts(spec, ARCHITECTURE),
    keys.count('expert_feed_forward_length', expertWidth),
    keys.count('interleave_moe_layer_step', step),
    keys.count('attention.sliding_window', windowTokens > 0 ? windowTokens : USUAL_CHUNK),
    keys.real('attention.temperature_scale', scale),
    keys.count('attention.temperature_length', floorTokens),
  ];
}

// ---- both

function withExperts(
  spec: ModelSpec,
  more: {
    counts: ExpertCounts;
    expertWidth: number;
    windowTokens: number;
    hasNorms: boolean;
    temperature: ModelSpec['attention']['temperature'];
    layerAt: (index: number) => LayerSpec;
  },
): ModelSpec {
  const { expertCount, chosenCount } = more.counts;
  const experts: ExpertSpec = {
    expertCount,
    chosenCount,
    expertWidth: more.expertWidth,
    sharedWidth: more.expertWidth,
    router: {
      score: 'sigmoid',
      hasBias: false,
      hasSelectionBias: false,
      groups: undefined,
      weights: 'scores',
      scale: 1,
    },
    weighsInput: true,
    hasBias: false,
  };
  return {
    ...spec,
    layers: patternFrom(spec.layerCount, more.layerAt),
    attention: {
      windowTokens: more.windowTokens,
      queryKeyNorm: more.hasNorms ? 'unit' : 'none',
      hasSinks: false,
      temperature: more.temperature,
    },
    experts,
  };
}
