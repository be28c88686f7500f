/**
 * The model of the golden runs, before its first step: a tiny Llama out of the generator.
 */
import { PLAIN_NETWORK } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
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

const LAYER = ['attentionNorm', 'q', 'k', 'v', 'o', 'ffnNorm', 'gate', 'up', 'down'];

/** Fills a tensor of the model, by name. Shapes: row by row. */
export function goldenWeights(name: string, target: Float32Array, columns: number): void {
  const names = ['embed'];
  for (const layer of [0, 1]) for (const kind of LAYER) names.push(`layers.${layer}.${kind}`);
  names.push('norm');
  const isNorm = name.toLowerCase().endsWith('norm');
  const a = name === 'embed' ? 0.25 : isNorm ? 0.1 : 1 / Math.sqrt(columns);
  fillUniform(target, { seed: 1, tensor: names.indexOf(name), a });
  if (isNorm) for (let i = 0; i < target.length; i++) target[i] = 1 + target[i]!;
}
