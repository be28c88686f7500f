/**
 * Models by name: sizes of their published configurations.
 *
 * Source: each model's config.json. `bits` of models that are published in fewer bits are theirs.
 */
import { WaferError } from '@wafer/core';
import { HALF_WEIGHTS } from './model-shape.ts';
import type { ExpertShape, ModelShape } from './model-shape.ts';

type Sizes = [layers: number, hidden: number, ffn: number, heads: number, kvHeads: number];

function model(
  name: string,
  [layers, hidden, ffn, heads, kvHeads]: Sizes,
  [vocabulary, contextMax]: [number, number],
  more: Partial<ModelShape> & { experts?: ExpertShape } = {},
): ModelShape {
  return {
    name,
    layers,
    hidden,
    heads,
    kvHeads,
    headWidth: 128,
    ffn,
    vocabulary,
    contextMax,
    hasTiedEmbeddings: false,
    bits: HALF_WEIGHTS,
    ...more,
  };
}

/** MXFP4: 4 bits and a shared byte for each 32. */
const MXFP4_BITS = 4.25;
const MXFP4_EXPERTS = { ...HALF_WEIGHTS, experts: MXFP4_BITS };
const K128: [number, number] = [128_256, 131_072];
const LLAMA_70B: Sizes = [80, 8192, 28_672, 64, 8];
/** Three of four layers attend within chunks. */
const CHUNKS = { tokens: 8192, layers: 36 };
const GLM: Sizes = [92, 5120, 12_288, 96, 8];
const GLM_EXPERTS = { count: 160, chosen: 8, ffn: 1536, sharedFfn: 1536, layers: 89 };

const routed = (
  count: number,
  chosen: number,
  ffn: number,
  layers: number,
  sharedFfn = 0,
): ExpertShape => ({ count, chosen, ffn, sharedFfn, layers });

export const MODELS: readonly ModelShape[] = [
  model('llama-3.1-8b', [32, 4096, 14_336, 32, 8], K128),
  model('llama-3.1-70b', LLAMA_70B, K128),
  model('llama-3.1-405b', [126, 16_384, 53_248, 128, 8], K128),
  model('llama-3.3-70b', LLAMA_70B, K128),
  model('deepseek-r1-distill-llama-70b', LLAMA_70B, K128),
  model('llama-3-8b', [32, 4096, 14_336, 32, 8], [128_256, 8192]),
  model('llama-3-70b', LLAMA_70B, [128_256, 8192]),
  model('llama-2-7b', [32, 4096, 11_008, 32, 32], [32_000, 4096]),
  model('llama-2-13b', [40, 5120, 13_824, 40, 40], [32_000, 4096]),
  model('llama-2-70b', LLAMA_70B, [32_000, 4096]),
  model('codellama-34b', [48, 8192, 22_016, 64, 8], [32_000, 16_384]),
  model('llama-4-scout', [48, 5120, 16_384, 40, 8], [202_048, 10_485_760], {
    experts: routed(16, 1, 8192, 48, 8192),
    window: CHUNKS,
  }),
  model('llama-4-maverick', [48, 5120, 16_384, 40, 8], [202_048, 1_048_576], {
    experts: routed(128, 1, 8192, 24, 8192),
    window: CHUNKS,
  }),
  model('qwen2-7b', [28, 3584, 18_944, 28, 4], [152_064, 131_072]),
  model('qwen2-72b', [80, 8192, 29_568, 64, 8], [152_064, 131_072]),
  model('qwen3-32b', [64, 5120, 25_600, 64, 8], [151_936, 40_960]),
  model('qwen3-235b-a22b', [94, 4096, 12_288, 64, 4], [151_936, 40_960], {
    experts: routed(128, 8, 1536, 94),
  }),
  model('qwen3-coder-480b', [62, 6144, 8192, 96, 8], [151_936, 262_144], {
    experts: routed(160, 8, 2560, 62),
  }),
  model('gpt-oss-20b', [24, 2880, 2880, 64, 8], [201_088, 131_072], {
    headWidth: 64,
    experts: routed(32, 4, 2880, 24),
    window: { tokens: 128, layers: 12 },
    bits: MXFP4_EXPERTS,
  }),
  model('gpt-oss-120b', [36, 2880, 2880, 64, 8], [201_088, 131_072], {
    headWidth: 64,
    experts: routed(128, 4, 2880, 36),
    window: { tokens: 128, layers: 18 },
    bits: MXFP4_EXPERTS,
  }),
  model('glm-4.5', GLM, [151_552, 131_072], { experts: GLM_EXPERTS }),
  model('glm-4.6', GLM, [151_552, 202_752], { experts: GLM_EXPERTS }),
  model('glm-4.7', GLM, [151_552, 202_752], { experts: GLM_EXPERTS }),
  model('mixtral-8x7b', [32, 4096, 14_336, 32, 8], [32_000, 32_768], {
    experts: routed(8, 2, 14_336, 32),
  }),
  model('mistral-7b', [32, 4096, 14_336, 32, 8], [32_000, 32_768]),
  model('mistral-large-2', [88, 12_288, 28_672, 96, 8], [32_768, 131_072]),
];

/** A name as it stands in a list: small letters, hyphens for spaces. */
function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
}

/** What models are called for short. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'qwen3-235b': 'qwen3-235b-a22b',
  'qwen3-coder': 'qwen3-coder-480b',
  mixtral: 'mixtral-8x7b',
};

/** A model by name, or undefined. */
export function tryModel(name: string): ModelShape | undefined {
  const plain = plainName(name);
  const whole = SHORT_NAMES[plain] ?? plain;
  return MODELS.find((shape) => shape.name === whole);
}

/** A model by name. Throws: PLAN_OPTION. */
export function findModel(name: string): ModelShape {
  const found = tryModel(name);
  if (found) return found;
  const known = MODELS.map((shape) => shape.name);
  const expected = `one of ${known.join(', ')}, or a config.json`;
  throw new WaferError('PLAN_OPTION', { option: 'model', value: name, expected, known });
}
