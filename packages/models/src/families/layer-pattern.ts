/**
 * A list of layers as a pattern: the shortest leading part and the shortest repeating one.
 *
 *     w a w a w a w      →  leading (), repeating (w a)
 *     d e e e e          →  leading (d), repeating (e)
 *
 * Of patterns of the same length the one with fewer leading layers is taken, so that a list has
 * one pattern, whichever config it came from.
 */
import { layerOf, type LayerPattern, type LayerSpec, type ModelSpec } from '@wafer/core';

/** The pattern of at least one layer. */
export function patternOf(layers: readonly LayerSpec[]): LayerPattern {
  const keys = layers.map((layer) => `${layer.sees} ${layer.isRotated} ${layer.ffn}`);
  let best = { leading: 0, period: layers.length };
  for (let period = 1; period <= best.leading + best.period; period++) {
    let first = layers.length - period;
    while (first > 0 && keys[first - 1] === keys[first - 1 + period]) first--;
    if (first + period <= best.leading + best.period) best = { leading: first, period };
  }
  const end = best.leading + best.period;
  return { leading: layers.slice(0, best.leading), repeating: layers.slice(best.leading, end) };
}

/** All layers of a spec. */
export function layersOf(spec: Pick<ModelSpec, 'layers' | 'layerCount'>): LayerSpec[] {
  return Array.from({ length: spec.layerCount }, (_, index) => layerOf(spec, index));
}

/** The pattern of `layerCount` layers made one by one. */
export function patternFrom(
  layerCount: number,
  layerAt: (index: number) => LayerSpec,
): LayerPattern {
  return patternOf(Array.from({ length: layerCount }, (_, index) => layerAt(index)));
}

/**
 * The same spec in its simplest words: a window no shorter than the context sees all, and where
 * no layer has a window there is no width of one.
 */
export function simplified(spec: ModelSpec): ModelSpec {
  const layers = layersOf(spec);
  const { windowTokens } = spec.attention;
  const hasWindow = layers.some(({ sees }) => sees !== 'all');
  if (hasWindow && windowTokens < spec.contextMax) return spec;
  return {
    ...spec,
    attention: { ...spec.attention, windowTokens: 0 },
    layers: patternOf(layers.map((layer) => ({ ...layer, sees: 'all' }))),
  };
}
