/**
 * What a model computes, as data. Knows no tile, no thread, no clock and no file.
 *
 * A family file maps a config (Hugging Face or GGUF) to one of these; differences between
 * families are values here, never branches in the forward path.
 */
import { assert } from '../errors.ts';
import type { BlockType, ScalarType } from '../blocks/formats.ts';

/** How a matrix is stored, and computed from. Block types hold some inputs of one row per block. */
export type WeightType = ScalarType | BlockType;

/** How rotary position embedding stretches its frequencies beyond the trained context. */
export type RopeScaling =
  | { kind: 'none' }
  | { kind: 'linear'; factor: number }
  | {
      kind: 'llama3';
      factor: number;
      lowFrequencyFactor: number;
      highFrequencyFactor: number;
      originalContext: number;
    }
  | {
      kind: 'yarn';
      factor: number;
      originalContext: number;
      betaFast: number;
      betaSlow: number;
      attentionFactor: number;
      /** Whether the ramp's ends are rounded to whole dimensions. */
      truncate: boolean;
    };

export interface RopeSpec {
  theta: number;
  scaling: RopeScaling;
  /** `halves` turns (i, i + width / 2), as Hugging Face does; `pairs` (2i, 2i + 1), as in GGUF. */
  layout: 'halves' | 'pairs';
  /** How many leading elements of a head are rotated. */
  rotaryWidth: number;
  /** Optional divisors per frequency (GGUF `rope_freqs.weight`), [rotaryWidth / 2]. */
  frequencyFactors?: readonly number[];
}

/** Which linear layers add a bias. */
export interface BiasSpec {
  qkv: boolean;
  attentionOutput: boolean;
  ffn: boolean;
}

/** What one layer does differently from its neighbors. */
export interface LayerSpec {
  /**
   * Which positions a query at p sees: `all` up to p; `window` the last `windowTokens`, p among
   * them; `chunk` those from the last multiple of `windowTokens` on.
   */
  sees: 'all' | 'window' | 'chunk';
  /** Whether queries and keys are rotated; without, the layer knows no positions. */
  isRotated: boolean;
  ffn: 'dense' | 'experts';
}

/** Layers in order: first the leading ones, then the repeating ones over and over. */
export interface LayerPattern {
  leading: readonly LayerSpec[];
  repeating: readonly LayerSpec[];
}

/** What all attention layers have in common, besides heads and rotation. */
export interface AttentionSpec {
  /** Positions of a window or a chunk; 0 where no layer has one. */
  windowTokens: number;
  /**
   * Root-mean-square norm of each head of q and k: `learned` with gains [headWidth] before the
   * rotation, `unit` without gains after it, in rotated layers only.
   */
  queryKeyNorm: 'none' | 'learned' | 'unit';
  /** Whether each head has a learned score that takes part in the softmax and has no value. */
  hasSinks: boolean;
  /** In layers without rotation, q · (1 + scale · ln(1 + floor((p + 1) / floorTokens))). */
  temperature: { scale: number; floorTokens: number } | undefined;
}

/**
 * The gated activation of a hidden layer: `silu` is silu(gate) · up; `clamped` (GPT-OSS) is
 * g · sigmoid(alpha · g) · (u + 1), with g = min(gate, limit), u = clamp(up, -limit, limit).
 */
export type ActivationSpec = { kind: 'silu' } | { kind: 'clamped'; alpha: number; limit: number };

/** How a token's experts are chosen and weighted. Ties go to the lower expert id. */
export interface RouterSpec {
  /** What the logits of all experts become before any choice. */
  score: 'softmax' | 'sigmoid' | 'none';
  /** Whether `router.bias` is added to the logits. */
  hasBias: boolean;
  /** Whether `router.selectionBias` is added to the scores for the choice only. */
  hasSelectionBias: boolean;
  /** Choice within the `keptCount` groups whose two best scores add up to most. */
  groups: { count: number; keptCount: number } | undefined;
  /** Weights of the chosen: their scores; divided by their sum; or the softmax of them alone. */
  weights: 'scores' | 'normalized' | 'softmax';
  /** Multiplies the weights. */
  scale: number;
}

/** The experts of the layers that have them. */
export interface ExpertSpec {
  expertCount: number; // E
  /** Experts of one token. */
  chosenCount: number;
  /** Hidden width of one expert. */
  expertWidth: number;
  /** Hidden width of the expert that every token meets; 0: there is none. */
  sharedWidth: number;
  router: RouterSpec;
  /** Whether the weight multiplies an expert's input instead of its output. */
  weighsInput: boolean;
  /** Whether gate, up and down of the experts add biases. */
  hasBias: boolean;
  /** What an even use of experts counts beside the loss in training, where a model says so. */
  balanceLoss?: number;
}

/** A decoder-only transformer: embed, layers of attention and feed-forward, norm, head. */
export interface ModelSpec {
  /** What its configs call it; the name changes no arithmetic. */
  family: string;
  vocabCount: number; // V
  modelWidth: number; // D
  layerCount: number;
  headCount: number; // H
  kvHeadCount: number; // K
  headWidth: number;
  /** Hidden width of dense layers. */
  ffnWidth: number; // F
  contextMax: number; // tokens
  normEpsilon: number;
  rope: RopeSpec;
  biases: BiasSpec;
  hasTiedEmbeddings: boolean;
  layers: LayerPattern;
  attention: AttentionSpec;
  /** Whether results of attention and feed-forward are normed before they are added to x. */
  hasPostNorms: boolean;
  activation: ActivationSpec;
  /** Undefined where all layers are dense. */
  experts: ExpertSpec | undefined;
}

/** The fields of a plain network: every layer dense, rotated and seeing all. */
export const PLAIN_NETWORK: Pick<
  ModelSpec,
  'layers' | 'attention' | 'hasPostNorms' | 'activation' | 'experts'
> = {
  layers: { leading: [], repeating: [{ sees: 'all', isRotated: true, ffn: 'dense' }] },
  attention: {
    windowTokens: 0,
    queryKeyNorm: 'none',
    hasSinks: false,
    temperature: undefined,
  },
  hasPostNorms: false,
  activation: { kind: 'silu' },
  experts: undefined,
};

/** What layer `index` does. */
export function layerOf(spec: Pick<ModelSpec, 'layers'>, index: number): LayerSpec {
  const { leading, repeating } = spec.layers;
  const layer = leading[index] ?? repeating[(index - leading.length) % repeating.length];
  assert(layer !== undefined, 'the pattern says what every layer does', { index });
  return layer;
}
