/**
 * Models of a real shape with random weights: what a model costs needs no download.
 *
 *     synthetic:15m   synthetic:110m:q8_0   synthetic:1b:bf16:7   (shape, weight type, seed)
 *     synthetic:qwen3-moe   synthetic:gpt-oss:q4_0   (a tiny shape of every family)
 *
 * The weights are a function of seed, tensor, row and column (synthetic-values.ts), so every
 * tile makes its own share. Norms are f32. Text is bytes plus made-up words, so runs print.
 */
import {
  PLAIN_NETWORK,
  tensorShapes,
  WaferError,
  WEIGHT_TYPES,
  type ModelSpec,
  type TensorInfo,
  type WeightType,
} from '@wafer/core';
import { SYNTHETIC_BEGIN, syntheticTokenizer } from '@wafer/text';
import { mixtralExperts } from '../families/experts.ts';
import type { Model } from '../source/source.ts';
import { storedType } from '../source/stored-types.ts';
import { FAMILY_SPECS } from './synthetic-families.ts';

export const SYNTHETIC_PREFIX = 'synthetic:';

const SEED_MAX = 2 ** 32 - 1;

/**
 * Shapes by name: two for tests, llama2.c's stories15M and stories110M, Llama 3.2 1B, and 64
 * experts of which a token meets 8.
 */
export const SYNTHETIC_SPECS: Readonly<Record<string, ModelSpec>> = {
  tiny: {
    ...llamaShape({ width: 64, layers: 2, heads: 4, ffn: 96 }),
    vocabCount: 512,
    kvHeadCount: 2,
    contextMax: 256,
  },
  '15m': llamaShape({ width: 288, layers: 6, heads: 6, ffn: 768 }),
  '110m': llamaShape({ width: 768, layers: 12, heads: 12, ffn: 2048 }),
  '1b': {
    ...llamaShape({ width: 2048, layers: 16, heads: 32, ffn: 8192 }),
    vocabCount: 128_256,
    kvHeadCount: 8,
    contextMax: 8192,
    rope: { theta: 500_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 64 },
  },
  'moe-tiny': {
    ...llamaShape({ width: 64, layers: 2, heads: 4, ffn: 96 }),
    ...mixtralExperts(8, 2, 32),
    vocabCount: 512,
    contextMax: 256,
  },
  moe: {
    ...llamaShape({ width: 512, layers: 6, heads: 8, ffn: 2048 }),
    ...mixtralExperts(64, 8, 256),
  },
  ...FAMILY_SPECS,
};

/** What `synthetic:SHAPE[:TYPE][:SEED]` says; a type or seed that is not named is undefined. */
interface SyntheticName {
  spec: ModelSpec;
  type: WeightType | undefined;
  seed: number | undefined;
}

/** Reads the name of a synthetic model; undefined of others. Throws: SYNTHETIC_UNKNOWN. */
export function parseSynthetic(name: string): SyntheticName | undefined {
  return name.startsWith(SYNTHETIC_PREFIX) ? readName(name) : undefined;
}

/** Opens `synthetic:SHAPE[:TYPE][:SEED]`. Throws: SYNTHETIC_UNKNOWN. */
export function openSynthetic(name: string): Model {
  const { spec, type = 'f32', seed = 0 } = readName(name);
  return syntheticModel({ name, spec, type, seed });
}

function readName(name: string): SyntheticName {
  const [shape = '', ...options] = name.slice(SYNTHETIC_PREFIX.length).split(':');
  const spec = Object.hasOwn(SYNTHETIC_SPECS, shape) ? SYNTHETIC_SPECS[shape] : undefined;
  const first = options[0];
  const type = first !== undefined && isWeightType(first) ? first : undefined;
  const [seedText, ...more] = type === undefined ? options : options.slice(1);
  const seed = seedText === undefined ? undefined : Number(seedText);
  const isSeed = seed === undefined || (/^\d{1,10}$/.test(seedText!) && seed <= SEED_MAX);
  if (spec === undefined || !isSeed || more.length > 0) {
    const known = Object.keys(SYNTHETIC_SPECS).map((key) => SYNTHETIC_PREFIX + key);
    const types = Object.keys(WEIGHT_TYPES).join(', ');
    const form = `each with :TYPE and :SEED if wanted, where TYPE is ${types}`;
    throw new WaferError('SYNTHETIC_UNKNOWN', { name, known: [...known, form] });
  }
  return { spec, type, seed };
}

/**
 * A model of any shape with random weights. The type must divide the matrices into blocks; those
 * that a K-quant does not divide have another (`storableType`).
 */
export function syntheticModel(options: {
  name: string;
  spec: ModelSpec;
  type: WeightType;
  seed: number;
}): Model {
  const { name, spec, type, seed } = options;
  const tensors: Record<string, TensorInfo> = {};
  for (const shape of tensorShapes(spec)) {
    const stored = storedType(shape, type);
    const { blockColumns } = WEIGHT_TYPES[stored];
    if (shape.columns % blockColumns !== 0) {
      const expected = `a multiple of ${blockColumns} columns for ${stored}`;
      const actual = `${shape.rows} x ${shape.columns}`;
      throw new WaferError('TENSOR_SHAPE', { tensor: shape.name, actual, expected });
    }
    tensors[shape.name] = { ...shape, type: stored };
  }
  const tokenizer = syntheticTokenizer(spec.vocabCount);
  const begin = spec.vocabCount > SYNTHETIC_BEGIN ? SYNTHETIC_BEGIN : undefined;
  return {
    name,
    spec,
    source: { kind: 'synthetic', seed, tensors },
    tokenizer,
    // No end token: a random model would meet it by chance, and runs are asked for lengths.
    special: { begin, addBegin: begin !== undefined, ends: [] },
  };
}

function isWeightType(text: string): text is WeightType {
  return Object.hasOwn(WEIGHT_TYPES, text);
}

function llamaShape(shape: {
  width: number;
  layers: number;
  heads: number;
  ffn: number;
}): ModelSpec {
  const headWidth = shape.width / shape.heads;
  return {
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: 32_000,
    modelWidth: shape.width,
    layerCount: shape.layers,
    headCount: shape.heads,
    kvHeadCount: shape.heads,
    headWidth,
    ffnWidth: shape.ffn,
    contextMax: 2048,
    normEpsilon: 1e-5,
    rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: headWidth },
    biases: { qkv: false, attentionOutput: false, ffn: false },
    hasTiedEmbeddings: true,
  };
}
