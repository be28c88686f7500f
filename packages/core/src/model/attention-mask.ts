/**
 * Which positions a query sees: all up to its own, a window of the last ones, or its chunk.
 *
 *   all      0 … p
 *   window   p - windowTokens + 1 … p
 *   chunk    the last multiple of windowTokens … p
 */
import { layerOf } from './spec.ts';
import type { LayerSpec, ModelSpec } from './spec.ts';

/** What the queries of a layer see; `windowTokens` counts for `window` and `chunk` alone. */
export interface AttentionMask {
  sees: LayerSpec['sees'];
  windowTokens: number;
}

/** Up to its own position, all. */
export const SEES_ALL: AttentionMask = { sees: 'all', windowTokens: 0 };

/** The first position that a query at `position` sees; the last is its own. */
export function firstSeen(position: number, { sees, windowTokens }: AttentionMask): number {
  if (sees === 'all') return 0;
  if (sees === 'chunk') return position - (position % windowTokens);
  return Math.max(0, position - windowTokens + 1);
}

/** What a layer sees of sequences of at most `contextMax` tokens. */
export function maskOf(
  spec: Pick<ModelSpec, 'layers' | 'attention'>,
  layer: number,
  contextMax: number,
): AttentionMask {
  const { sees } = layerOf(spec, layer);
  const { windowTokens } = spec.attention;
  return sees === 'all' || windowTokens >= contextMax ? SEES_ALL : { sees, windowTokens };
}
