/**
 * What a model computes, as data. Knows no tile, no thread, no clock and no file.
 *
 * A family file maps a config (Hugging Face or GGUF) to one of these; differences between
 * families are values here, never branches in the forward path.
 */

/** How a matrix is stored, and computed from. Block types hold 32 inputs of one row per block. */
export type WeightType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_0';

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

/** A decoder-only transformer: embed, layers of attention and SwiGLU, norm, head. */
export interface ModelSpec {
  family: 'llama';
  vocabCount: number; // V
  modelWidth: number; // D
  layerCount: number;
  headCount: number; // H
  kvHeadCount: number; // K
  headWidth: number;
  ffnWidth: number; // F
  contextMax: number; // tokens
  normEpsilon: number;
  rope: RopeSpec;
  biases: BiasSpec;
  hasTiedEmbeddings: boolean;
}
