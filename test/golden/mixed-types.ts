/**
 * A model whose types differ from tensor to tensor, as in real files of K-quants: values and some
 * layers finer than the rest.
 */
import type { ModelSpec, WeightType } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model } from '@wafer/runtime';

const TINY = SYNTHETIC_SPECS['tiny']!;
/** Widths of whole blocks of 256 inputs. */
export const K_SPEC: ModelSpec = {
  ...TINY,
  vocabCount: 70,
  modelWidth: 256,
  headCount: 8,
  kvHeadCount: 4,
  headWidth: 64,
  ffnWidth: 512,
  rope: { ...TINY.rope, rotaryWidth: 64 },
};

/** Some matrices in other types. */
function mixed(type: WeightType, others: Readonly<Record<string, WeightType>>): Model {
  const model = syntheticModel({ name: 'mixed', spec: K_SPEC, type, seed: 5 });
  const { source } = model;
  if (source.kind !== 'synthetic') throw new Error('the model is made');
  const tensors = Object.entries(source.tensors).map(([name, tensor]) => [
    name,
    { ...tensor, type: others[name] ?? tensor.type },
  ]);
  return { ...model, source: { ...source, tensors: Object.fromEntries(tensors) } };
}

export const MIXED_MODEL: Model = mixed('q4_k', {
  embed: 'q6_k',
  'layers.0.v': 'q6_k',
  'layers.0.down': 'q5_k',
  'layers.1.q': 'q2_k',
  'layers.1.gate': 'q3_k',
  'layers.1.up': 'q8_0',
  'layers.1.o': 'f16',
});
