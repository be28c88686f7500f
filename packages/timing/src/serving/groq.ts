/**
 * Groq's first LPU: weights in the SRAM of hundreds of chips, one token through all of them.
 *
 * A layer of one token takes the same time whatever its width, since wider layers lie on more
 * chips: one constant, set by Llama 2 70B on 576 chips. Nothing else of it was published to us, so
 * its numbers are printed with that and never gated. Source: published/vendor-speeds.ts.
 */
import { figuresOf } from '@wafer/core';
import type { Figure } from '@wafer/core';
import { weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';

export interface GroqFacts {
  readonly title: string;
  readonly sramBytes: Figure;
  readonly watts: Figure;
  /** Of one token in one layer. */
  readonly layerUs: Figure;
}

const groq = figuresOf('second hand', 'Groq');

export const GROQ: GroqFacts = {
  title: 'Groq LPU v1',
  sramBytes: groq(230e6),
  watts: groq(300),
  // 300 tokens/s of 80 layers.
  layerUs: figuresOf('calibrated', 'Llama 2 70B, 300 tokens/s on 576 chips')(1e6 / 300 / 80),
};

/** int8 weights, as the service has them. */
const WEIGHT_BYTES = 1;
/** 576 chips hold the 70 GB of 70B: what they leave to weights. */
const SRAM_SHARE = 0.53;

/** Bytes of a model's weights. */
export function groqWeightBytes(shape: ModelShape): number {
  const { attention, ffn, experts, vocabulary } = weightCounts(shape, 'all');
  return (attention + ffn + experts + vocabulary) * WEIGHT_BYTES;
}

/** Chips that hold a model: as many as its weights take, or all of its keys and values too. */
export function groqChips(shape: ModelShape, kvBytes = 0): number {
  const bytes = groqWeightBytes(shape);
  const sram = GROQ.sramBytes.value;
  return Math.max(Math.ceil(bytes / (sram * SRAM_SHARE)), Math.ceil((bytes + kvBytes) / sram));
}

/** Microseconds of one token. */
export function groqStepUs({ layers }: ModelShape): number {
  return layers * GROQ.layerUs.value;
}
