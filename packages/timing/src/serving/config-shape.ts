/**
 * The sizes of a model from its config.json, as Hugging Face writes them.
 *
 * Sizes only: what a file does not say is refused, not guessed.
 */
import { WaferError } from '@wafer/core';
import { HALF_WEIGHTS } from './model-shape.ts';
import type { AttentionWindow, ExpertShape, ModelShape } from './model-shape.ts';

type Config = Readonly<Record<string, unknown>>;

/** A model's shape from a parsed config.json. Throws: CONFIG_INVALID. */
export function shapeOfConfig(json: unknown, name: string): ModelShape {
  const config = innerConfig(json);
  const need = (...keys: string[]): number => {
    const found = numberOf(config, keys);
    if (found !== undefined) return found;
    throw new WaferError('CONFIG_INVALID', {
      path: name,
      field: keys.join(' or '),
      value: 'absent',
      expected: 'a number above 0',
    });
  };
  const hidden = need('hidden_size', 'n_embd');
  const heads = need('num_attention_heads', 'n_head');
  const layers = need('num_hidden_layers', 'n_layer');
  const experts = expertsOfConfig(config, layers);
  const window = windowOfConfig(config, layers);
  return {
    name,
    layers,
    hidden,
    heads,
    kvHeads: numberOf(config, ['num_key_value_heads']) ?? heads,
    headWidth: numberOf(config, ['head_dim']) ?? hidden / heads,
    ffn: need('intermediate_size_mlp', 'intermediate_size'),
    vocabulary: need('vocab_size'),
    contextMax: need('max_position_embeddings'),
    hasTiedEmbeddings: config['tie_word_embeddings'] === true,
    ...(experts ? { experts } : {}),
    ...(window ? { window } : {}),
    bits: HALF_WEIGHTS,
  };
}

/** Layers whose attention is cut, if any. */
function windowOfConfig(config: Config, layers: number): AttentionWindow | undefined {
  const tokens = numberOf(config, ['attention_chunk_size', 'sliding_window']);
  if (tokens === undefined || config['use_sliding_window'] === false) return undefined;
  const count = cutLayers(config, layers);
  return count > 0 ? { tokens, layers: count } : undefined;
}

/** How many they are: by the types of layers, else by what files without those have; else all. */
function cutLayers(config: Config, layers: number): number {
  const { layer_types: types, no_rope_layers: rotated } = config;
  if (Array.isArray(types)) return types.filter((type) => type !== 'full_attention').length;
  const butEach = (every: number): number => layers - Math.floor(layers / every);
  const pattern = numberOf(config, ['sliding_window_pattern']);
  if (pattern !== undefined) return butEach(pattern);
  if (numberOf(config, ['attention_chunk_size']) !== undefined) {
    // Layers that rotate attend within chunks.
    const isListed = Array.isArray(rotated) && rotated.length > 0;
    if (isListed) return rotated.filter((one) => one !== 0).length;
    return butEach(numberOf(config, ['no_rope_layer_interval']) ?? LLAMA_4_INTERVAL);
  }
  // The first ones see all.
  return Math.max(0, layers - (numberOf(config, ['max_window_layers']) ?? 0));
}

/** Where a Llama 4 lists none: each fourth does not rotate. Source: its configuration class. */
const LLAMA_4_INTERVAL = 4;

/** Models of text and more keep the text's sizes one level down. */
function innerConfig(json: unknown): Config {
  if (typeof json !== 'object' || json === null) return {};
  const { text_config: inner } = json as { text_config?: unknown };
  return typeof inner === 'object' && inner !== null ? (inner as Config) : (json as Config);
}

function numberOf(config: Config, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = config[key];
    if (typeof value === 'number' && value > 0) return value;
  }
  return undefined;
}

function expertsOfConfig(config: Config, layers: number): ExpertShape | undefined {
  const count = numberOf(config, ['num_experts', 'num_local_experts', 'n_routed_experts']);
  const chosen = numberOf(config, ['num_experts_per_tok', 'experts_per_token']);
  if (count === undefined || chosen === undefined) return undefined;
  const ffn = numberOf(config, ['moe_intermediate_size', 'intermediate_size']) ?? 0;
  const shared = numberOf(config, ['n_shared_experts']) ?? 0;
  const dense = numberOf(config, ['first_k_dense_replace']) ?? 0;
  const every = numberOf(config, ['interleave_moe_layer_step']) ?? 1;
  const isScout = numberOf(config, ['interleave_moe_layer_step']) !== undefined;
  const sharedFfn = isScout ? ffn : shared * ffn;
  return { count, chosen, ffn, sharedFfn, layers: Math.floor((layers - dense) / every) };
}
