/**
 * The metadata that all architectures of GGUF have: sizes, heads, norms, rotation.
 *
 * A missing `output.weight` means tied embeddings; biases are there if their tensors are. Each
 * family adds what is its own.
 *
 * Source: ggml, docs/gguf.md; llama.cpp's hyperparameter keys.
 */
import { PLAIN_NETWORK, WaferError, type ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import { checkHeads, SPEC_LIMITS } from '../source/spec-limits.ts';
import type { ExpertFieldNames } from './experts.ts';
import type { GgufContents, RopeLayout } from './family.ts';
import { checkFrequencyFactors, decimal, ggufScaling, readGgufScaling } from './gguf-rope.ts';
import { layersOf } from './layer-pattern.ts';

/** Of a long list, as many say enough in an error. */
const LISTED_MAX = 8;

/** What GGUF calls the counts of experts. */
export function expertKeys(architecture: string): Required<ExpertFieldNames> {
  return {
    count: `${architecture}.expert_count`,
    chosen: `${architecture}.expert_used_count`,
    groups: `${architecture}.expert_group_count`,
    keptGroups: `${architecture}.expert_group_used_count`,
  };
}

/** The spec of a plain network with the file's sizes. Throws: CONFIG_INVALID. */
export function readGgufBase(
  fields: Fields,
  contents: GgufContents,
  kind: {
    family: string;
    architecture: string;
    layout: RopeLayout;
    /** Files need not say how wide dense layers are that there are none of. */
    hasOnlyExperts?: true;
  },
): ModelSpec {
  const at = (name: string): string => `${kind.architecture}.${name}`;
  const positive = (name: string, max: number, fallback?: number): number =>
    fields.integer(at(name), { min: 1, max, ...(fallback === undefined ? {} : { fallback }) });
  const layerCount = positive('block_count', SPEC_LIMITS.layerCount);
  const inEach = (name: string, max: number, fallback?: number): number =>
    perLayer(fields, contents, at(name), { layerCount, max, fallback });
  const hasExpertWidth = fields.has(at('expert_feed_forward_length'));
  const expertWidth =
    kind.hasOnlyExperts && hasExpertWidth
      ? inEach('expert_feed_forward_length', SPEC_LIMITS.ffnWidth)
      : undefined;
  const modelWidth = positive('embedding_length', SPEC_LIMITS.modelWidth);
  const headCount = inEach('attention.head_count', SPEC_LIMITS.headCount);
  const { headWidth: widest } = SPEC_LIMITS;
  const headWidth = positive('attention.key_length', widest, modelWidth / headCount);
  if (positive('attention.value_length', widest, headWidth) !== headWidth) {
    throw fields.invalid(at('attention.value_length'), `${headWidth}, as the key length`);
  }
  const contextMax = positive('context_length', SPEC_LIMITS.contextMax);
  const epsilon = { min: 1e-12, max: 1 };
  const theta = { min: 1, max: 1e12, fallback: 10_000 };
  const spec: ModelSpec = {
    ...PLAIN_NETWORK,
    family: kind.family,
    vocabCount: vocabCountOf(fields, contents, at('vocab_size')),
    modelWidth,
    layerCount,
    headCount,
    kvHeadCount: inEach('attention.head_count_kv', SPEC_LIMITS.headCount, headCount),
    headWidth,
    ffnWidth: inEach('feed_forward_length', SPEC_LIMITS.ffnWidth, expertWidth),
    contextMax,
    normEpsilon: decimal(fields.number(at('attention.layer_norm_rms_epsilon'), epsilon)),
    rope: {
      theta: decimal(fields.number(at('rope.freq_base'), theta)),
      scaling: readGgufScaling(fields, kind.architecture, contextMax),
      layout: kind.layout,
      rotaryWidth: positive('rope.dimension_count', widest, headWidth),
      ...(contents.frequencyFactors ? { frequencyFactors: contents.frequencyFactors } : {}),
    },
    biases: {
      qkv: contents.hasTensor('blk.0.attn_q.bias'),
      attentionOutput: contents.hasTensor('blk.0.attn_output.bias'),
      ffn: contents.hasTensor('blk.0.ffn_gate.bias'),
    },
    hasTiedEmbeddings: !contents.hasTensor('output.weight'),
  };
  checkHeads(spec, fields, {
    headCount: at('attention.head_count'),
    kvHeadCount: at('attention.head_count_kv'),
    headWidth: at('attention.key_length'),
    rotaryWidth: at('rope.dimension_count'),
  });
  checkFrequencyFactors(spec);
  return spec;
}

/**
 * Rows of the embedding, which are what they are; a `vocab_size` beside them may be out of date.
 */
function vocabCountOf(fields: Fields, contents: GgufContents, key: string): number {
  const rows = contents.embeddingRows ?? contents.tokenCount;
  const { vocabCount: max } = SPEC_LIMITS;
  if (rows !== undefined && rows >= 1 && rows <= max) return rows;
  return fields.integer(key, { min: 1, max });
}

/** One number for all layers, or a list with the same for each. Throws: CONFIG_INVALID. */
export function perLayer(
  fields: Fields,
  contents: GgufContents,
  key: string,
  rule: { layerCount: number; max: number; fallback?: number | undefined },
): number {
  const { layerCount, max, fallback } = rule;
  if (typeof fields.get(key) !== 'object') {
    const isNone = fallback !== undefined && fields.get(key) === 0;
    if (isNone) return fallback;
    return fields.integer(key, { min: 1, max, ...(fallback === undefined ? {} : { fallback }) });
  }
  const list = contents.numbers(key) ?? [];
  const [first = 0] = list;
  const isRight = Number.isSafeInteger(first) && first >= 1 && first <= max;
  if (list.length !== layerCount || !isRight || list.some((value) => value !== first)) {
    const listed = list.slice(0, LISTED_MAX).join(', ') + (list.length > LISTED_MAX ? ', …' : '');
    throw new WaferError('MODEL_KIND', {
      path: fields.path,
      what: `has layers that differ: ${key} is ${listed}, for ${layerCount} layers`,
      hint: 'use a model whose layers are alike in it',
    });
  }
  return first;
}

/** The keys of `readGgufBase`. */
export function ggufBase(spec: ModelSpec, architecture: string): GgufPair[] {
  const keys = ggufKeys(architecture);
  return [
    keys.count('vocab_size', spec.vocabCount),
    keys.count('context_length', spec.contextMax),
    keys.count('embedding_length', spec.modelWidth),
    keys.count('block_count', spec.layerCount),
    keys.count('feed_forward_length', spec.ffnWidth),
    keys.count('attention.head_count', spec.headCount),
    keys.count('attention.head_count_kv', spec.kvHeadCount),
    keys.count('attention.key_length', spec.headWidth),
    keys.count('attention.value_length', spec.headWidth),
    keys.real('attention.layer_norm_rms_epsilon', spec.normEpsilon),
    keys.count('rope.dimension_count', spec.rope.rotaryWidth),
    keys.real('rope.freq_base', spec.rope.theta),
    ...ggufScaling(spec.rope, architecture),
  ];
}

/** Makers of pairs with an architecture's keys. */
export function ggufKeys(architecture: string): {
  count: (name: string, value: number) => GgufPair;
  real: (name: string, value: number) => GgufPair;
  flag: (name: string, value: boolean) => GgufPair;
} {
  const key = (name: string): string => `${architecture}.${name}`;
  return {
    count: (name, value) => ({ key: key(name), type: 'uint32', value }),
    real: (name, value) => ({ key: key(name), type: 'float32', value }),
    flag: (name, value) => ({ key: key(name), type: 'bool', value }),
  };
}

// ---- experts

/** Hidden width of one expert. */
export function readExpertWidth(
  fields: Fields,
  contents: GgufContents,
  architecture: string,
  layers: { layerCount: number; fallback?: number },
): number {
  const key = `${architecture}.expert_feed_forward_length`;
  return perLayer(fields, contents, key, { max: SPEC_LIMITS.ffnWidth, ...layers });
}

/** Counts of experts and of their groups. */
export function ggufExperts(spec: ModelSpec, architecture: string): GgufPair[] {
  const { experts } = spec;
  if (experts === undefined) return [];
  const { groups } = experts.router;
  const keys = ggufKeys(architecture);
  return [
    keys.count('expert_count', experts.expertCount),
    keys.count('expert_used_count', experts.chosenCount),
    ...(groups === undefined
      ? []
      : [
          keys.count('expert_group_count', groups.count),
          keys.count('expert_group_used_count', groups.keptCount),
        ]),
  ];
}

// ---- windows

/**
 * Which layers see only a window: all, by an array, or all but each nth. Throws: CONFIG_INVALID.
 * The default is what the architecture means where the file has no pattern.
 */
export function readGgufWindows(
  fields: Fields,
  contents: GgufContents,
  layers: { architecture: string; layerCount: number; everyOpen: number | undefined },
): { isWindowed: boolean[]; windowTokens: number } | undefined {
  const { architecture, layerCount, everyOpen } = layers;
  const key = `${architecture}.attention.sliding_window`;
  const rule = { min: 0, max: SPEC_LIMITS.contextMax, fallback: 0 };
  const windowTokens = fields.integer(key, rule);
  if (windowTokens === 0) return undefined;
  const pattern = `${key}_pattern`;
  const value = fields.get(pattern);
  if (value === undefined || typeof value === 'number') {
    const period = fields.integer(pattern, {
      min: 0,
      max: SPEC_LIMITS.layerCount,
      fallback: everyOpen ?? 0,
    });
    const isWindowed = Array.from(
      { length: layerCount },
      (_, index) => period === 0 || index % period < period - 1,
    );
    return { isWindowed, windowTokens };
  }
  const isWindowed = contents.booleans(pattern) ?? [];
  if (isWindowed.length < layerCount) {
    throw fields.invalid(pattern, `true or false for each of ${layerCount} layers`);
  }
  return { isWindowed: isWindowed.slice(0, layerCount), windowTokens };
}

/** The keys of `readGgufWindows`, with the pattern as an array; nothing without windows. */
export function ggufWindows(spec: ModelSpec, architecture: string): GgufPair[] {
  const { windowTokens } = spec.attention;
  if (windowTokens === 0) return [];
  const key = `${architecture}.attention.sliding_window`;
  const isWindowed = layersOf(spec).map(({ sees }) => sees === 'window');
  return [
    { key, type: 'uint32', value: windowTokens },
    { key: `${key}_pattern`, type: 'bools', value: isWindowed },
  ];
}
