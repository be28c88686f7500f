/**
 * Operations of a prompt: two per weight and token that meet, and causal attention.
 */
import { weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';

/** Of all layers; the head reads one token only and is left out. */
export function prefillFlops(shape: ModelShape, tokens: number): number {
  const { attention, ffn, experts } = weightCounts(shape, 'met');
  const queries = shape.heads * shape.headWidth;
  const scores = 2 * shape.layers * tokens ** 2 * queries;
  return 2 * tokens * (attention + ffn + experts) + scores;
}
