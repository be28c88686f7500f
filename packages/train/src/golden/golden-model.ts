/**
 * The model of the golden runs, before its first step: a tiny Llama out of the generator.
 */
import { PLAIN_NETWORK } from '@wafer/core';
import type { ModelSpec, TensorShape } from '@wafer/core';
import { fillUniform } from '../generator.ts';

export const GOLDEN_SPEC: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  vocabCount: 96,
  modelWidth: 32,
  layerCount: 2,
  headCount: 4,
  kvHeadCount: 2,
  headWidth: 8,
  ffnWidth: 88,
  contextMax: 32,
  normEpsilon: 1e-5,
  rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 8 },
  biases: { qkv: false, attentionOutput: false, ffn: false },
  hasTiedEmbeddings: true,
};

/** Parts of a layer, in the order in which the golden runs drew them. */
const LAYER_PARTS = ['attentionNorm', 'q', 'k', 'v', 'o', 'ffnNorm', 'gate', 'up', 'down'];

/** Fills a tensor of the model, [rows, columns] row by row. */
export function goldenWeights({ role, use, columns }: TensorShape, target: Float32Array): void {
  const isNorm = use === 'norm';
  const a = role.part === 'embed' ? 0.25 : isNorm ? 0.1 : 1 / Math.sqrt(columns);
  fillUniform(target, { seed: 1, tensor: placeOf(role), a });
  if (isNorm) for (let i = 0; i < target.length; i++) target[i] = 1 + target[i]!;
}

/** Number of a tensor among all: the embedding, the layers' parts, the last norm. */
function placeOf({ layer, part }: TensorShape['role']): number {
  if (part === 'embed') return 0;
  const before = layer ?? GOLDEN_SPEC.layerCount;
  return 1 + before * LAYER_PARTS.length + (layer === undefined ? 0 : LAYER_PARTS.indexOf(part));
}
