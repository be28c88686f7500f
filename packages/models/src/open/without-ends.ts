/** Models whose answers have the length that was asked for, for benches and comparisons. */
import type { Model } from '../source/source.ts';

/** The same model, but end tokens do not end an answer. */
export function withoutEnds(model: Model): Model {
  return { ...model, special: { ...model.special, ends: [] } };
}
