/**
 * Tiny families as llama.cpp can compute them.
 *
 * It fixes what configs leave open: the ends of YaRN's ramp are rounded; Llama 4 has chunks and
 * temperature steps of 8,192 tokens, norms of q and k; GGUF's llama knows no windows; GPT-OSS's
 * limit is 7. What it computed for random weights is committed in family-llama-cpp.json, made by
 * `node test/golden/make-family-llama-cpp.ts`; the figures hold for the weights of one seed.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ModelSpec } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { seededTokens } from '../contract/wafers.ts';
import type { DoubleWeights } from './double-weights.ts';
import { familyGguf } from './family-gguf.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';
import type { GoldenFigures, GoldenFile } from './llama-cpp.ts';

/** What is committed. */
export interface FamilyFigures {
  made: GoldenFile['made'];
  families: Record<string, GoldenFigures>;
}

/** With it, no choice of an expert is so close that rounding could turn it. */
export const FAMILY_SEED = 12;
const TOKEN_COUNT = 48;
/** Rounding moves a router's scores by 1e-6; a choice as close as that is no measure. */
export const ROUTER_MARGIN_MIN = 1e-4;
/** In place of a choice between two tokens that rounding could turn. */
export const NO_CHOICE = -1;
/** Where logits are kept. */
export const FAMILY_POSITIONS: readonly number[] = [0, 7, 23, 47];
const PATH = new URL('./family-llama-cpp.json', import.meta.url);

const LLAMA4_TOKENS = 8192;
const { mistral, llama4, ...families } = FAMILY_GOLDEN_SPECS;
const gptOss = families['gpt-oss'];
const dense = families['llama4, dense between'];

function asLlama4(spec: ModelSpec): ModelSpec {
  return {
    ...spec,
    contextMax: 2 * LLAMA4_TOKENS,
    attention: {
      ...spec.attention,
      queryKeyNorm: 'unit',
      windowTokens: LLAMA4_TOKENS,
      temperature: { scale: 0.1, floorTokens: LLAMA4_TOKENS },
    },
  };
}

/** Shapes by name. */
export const LLAMA_CPP_SPECS: Readonly<Record<string, ModelSpec>> = {
  llama: families.llama,
  mistral: {
    ...mistral,
    layers: families.llama.layers,
    attention: { ...mistral.attention, windowTokens: 0 },
  },
  mixtral: families.mixtral,
  qwen2: families.qwen2,
  qwen3: families.qwen3,
  'qwen3-moe': families['qwen3-moe'],
  'gpt-oss': {
    ...gptOss,
    rope: {
      ...gptOss.rope,
      scaling: { ...gptOss.rope.scaling, truncate: true } as ModelSpec['rope']['scaling'],
    },
  },
  glm4: families.glm4,
  'glm4-moe': families['glm4-moe'],
  'glm4-moe, groups': families['glm4-moe, groups'],
  llama4: asLlama4(llama4),
  'llama4, dense between': asLlama4(dense),
  smollm3: families.smollm3,
};

/** A random model, and the tokens it reads. */
export function familyModel(name: string): { spec: ModelSpec; model: Model; tokens: number[] } {
  const spec = LLAMA_CPP_SPECS[name];
  if (spec === undefined) throw new Error(`no family ${name}`);
  const model = syntheticModel({ name, spec, type: 'f32', seed: FAMILY_SEED });
  const tokens = seededTokens(model, TOKEN_COUNT);
  return { spec, model, tokens };
}

export function readFamilyFigures(): FamilyFigures {
  return JSON.parse(readFileSync(PATH, 'utf8')) as FamilyFigures;
}

/** SHA-256 of a model's file for llama.cpp: it changes with any weight. */
export function digestOf(spec: ModelSpec, weights: DoubleWeights): string {
  return createHash('sha256').update(familyGguf(spec, weights)).digest('hex');
}
