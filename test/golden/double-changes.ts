/**
 * Weights with something taken away or turned: what a forward pass must not be blind to.
 */
import type { LayerMatrix } from '@wafer/core';
import type { Vector } from './double-math.ts';
import type { DoubleExperts, DoubleFfn, DoubleLayer, DoubleWeights } from './double-weights.ts';

/** All layers changed alike. */
export function withLayers(
  weights: DoubleWeights,
  change: (layer: DoubleLayer) => Partial<DoubleLayer>,
): DoubleWeights {
  return {
    ...weights,
    layers: weights.layers.map((layer) => ({ ...layer, ...change(layer) })),
  };
}

/** All layers of experts changed alike. */
export function withExperts(
  weights: DoubleWeights,
  change: (experts: DoubleExperts) => Partial<DoubleExperts>,
): DoubleWeights {
  return withLayers(weights, ({ ffn }) =>
    'experts' in ffn ? { ffn: { ...ffn, ...change(ffn) } } : {},
  );
}

/** No layer adds the bias of a matrix, be it of attention, dense layers or experts. */
export function withoutBias(weights: DoubleWeights, matrix: LayerMatrix): DoubleWeights {
  if (matrix === 'q' || matrix === 'k' || matrix === 'v' || matrix === 'o') {
    return withLayers(weights, (layer) => ({ [matrix]: { ...layer[matrix], bias: undefined } }));
  }
  const drop = (ffn: DoubleFfn): DoubleFfn => ({
    ...ffn,
    [matrix]: { ...ffn[matrix], bias: undefined },
  });
  return withLayers(weights, ({ ffn }) => ({
    ffn: 'experts' in ffn ? { ...ffn, experts: ffn.experts.map(drop) } : drop(ffn),
  }));
}

/** The elements of a vector, each moved up by one. */
export function turned(x: Vector | undefined): Vector | undefined {
  return x?.map((_, index) => x[(index + 1) % x.length] as number);
}
