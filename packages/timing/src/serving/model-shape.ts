/**
 * A model as sizes alone: what residency and time need, no weights.
 *
 * Letters: D hidden, Q columns of all query heads, K columns of all key heads, F ffn, V vocab.
 */
import type { LayerWidths } from './mesh-layer.ts';

/** Experts of the layers that have them. */
export interface ExpertShape {
  readonly count: number;
  /** That a token meets. */
  readonly chosen: number;
  readonly ffn: number;
  /** Columns of the expert that every token meets; 0 without. */
  readonly sharedFfn: number;
  /** Layers that have experts; the others are dense. */
  readonly layers: number;
}

/** Bits of a weight by group of tensors. */
export interface WeightBits {
  readonly attention: number;
  readonly ffn: number;
  readonly experts: number;
  readonly vocabulary: number;
}

/** Layers whose attention sees no more than the last tokens: a sliding window, or a chunk. */
export interface AttentionWindow {
  readonly tokens: number;
  readonly layers: number;
}

export interface ModelShape {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  /** Of dense layers. */
  readonly ffn: number;
  readonly vocabulary: number;
  readonly contextMax: number;
  readonly hasTiedEmbeddings: boolean;
  readonly experts?: ExpertShape;
  readonly window?: AttentionWindow;
  readonly bits: WeightBits;
}

export const HALF_WEIGHTS: WeightBits = Object.freeze({
  attention: 16,
  ffn: 16,
  experts: 16,
  vocabulary: 16,
});

/** Widths that one token meets in a dense layer, or in one with experts. */
export function widthsOf(shape: ModelShape, kind: 'dense' | 'experts' = 'dense'): LayerWidths {
  const { hidden, heads, kvHeads, headWidth, ffn, experts } = shape;
  const met =
    kind === 'experts' && experts ? experts.chosen * experts.ffn + experts.sharedFfn : ffn;
  return { hidden, queries: heads * headWidth, keys: kvHeads * headWidth, ffn: met };
}

/** The widths of kernels that make keys and values as wide as queries. */
export function multiHead(widths: LayerWidths): LayerWidths {
  return { ...widths, queries: widths.hidden, keys: widths.hidden };
}

/** Weights of a model by group; all of them, or those that one token meets. */
export interface WeightCounts {
  readonly attention: number;
  readonly ffn: number;
  readonly experts: number;
  /** Embedding and head, once where tied. */
  readonly vocabulary: number;
}

/** Counts of weights; norms, biases and routers are left out (below a thousandth). */
export function weightCounts(shape: ModelShape, which: 'all' | 'met'): WeightCounts {
  const { layers, hidden, heads, kvHeads, headWidth, ffn, experts, vocabulary } = shape;
  const attention = layers * hidden * headWidth * (2 * heads + 2 * kvHeads);
  const expertLayers = experts?.layers ?? 0;
  const dense = (layers - expertLayers) * 3 * hidden * ffn;
  const shared = expertLayers * 3 * hidden * (experts?.sharedFfn ?? 0);
  const each = which === 'all' ? (experts?.count ?? 0) : (experts?.chosen ?? 0);
  const ends = which === 'all' && !shape.hasTiedEmbeddings ? 2 : 1;
  return {
    attention,
    ffn: dense + shared,
    experts: expertLayers * each * 3 * hidden * (experts?.ffn ?? 0),
    vocabulary: ends * vocabulary * hidden,
  };
}

/** Bytes of weights by group. */
export function weightBytes(shape: ModelShape, which: 'all' | 'met'): number {
  const counts = weightCounts(shape, which);
  const { bits } = shape;
  return (
    (counts.attention * bits.attention +
      counts.ffn * bits.ffn +
      counts.experts * bits.experts +
      counts.vocabulary * bits.vocabulary) /
    8
  );
}

/** Bytes of embedding and head. */
export function headBytes(shape: ModelShape): number {
  return (weightCounts(shape, 'all').vocabulary * shape.bits.vocabulary) / 8;
}

/** Positions that layers of each kind attend to after a context, and how many layers those are. */
export function attended(
  { layers, window }: ModelShape,
  contextTokens: number,
): { layers: number; tokens: number }[] {
  if (!window || contextTokens <= window.tokens) return [{ layers, tokens: contextTokens }];
  const whole = { layers: layers - window.layers, tokens: contextTokens };
  return [...(whole.layers > 0 ? [whole] : []), window];
}

/** Positions that a layer attends to, in the mean over layers. */
export function meanAttended(shape: ModelShape, contextTokens: number): number {
  const all = attended(shape, contextTokens);
  return all.reduce((sum, { layers, tokens }) => sum + layers * tokens, 0) / shape.layers;
}

/** Bytes of keys and values of one sequence, over all layers; a window keeps no more of them. */
export function kvBytes(shape: ModelShape, contextTokens: number, elementBytes = 2): number {
  const perPosition = 2 * shape.kvHeads * shape.headWidth * elementBytes;
  return shape.layers * meanAttended(shape, contextTokens) * perPosition;
}
