/**
 * Operations of a prompt: two per weight and token that meet, and causal attention.
 */
import { attended, weightCounts } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';

/** Of all layers; the head reads one token only and is left out. */
export function prefillFlops(shape: ModelShape, tokens: number): number {
  const { attention, ffn, experts } = weightCounts(shape, 'met');
  const queries = shape.heads * shape.headWidth;
  // Every position but the first ones of a window sees all of it.
  const pairs = attended(shape, tokens).reduce(
    (sum, { layers, tokens: seen }) => sum + layers * seen * (tokens - seen / 2),
    0,
  );
  return 2 * tokens * (attention + ffn + experts) + 4 * pairs * queries;
}
