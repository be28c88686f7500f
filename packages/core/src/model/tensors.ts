/**
 * The tensors of a model by their canonical names, with shapes and stored types.
 *
 * Loaders map the names of their format to these; the plan cuts them into shards. A matrix is
 * [rows = outputs, columns = inputs], row-major as stored; a vector has one row.
 */
import type { ModelSpec, WeightType } from './spec.ts';

/** One tensor of a model. */
export interface TensorInfo {
  /** Canonical name: `embed`, `head`, `norm`, `layers.3.q` … */
  name: string;
  type: WeightType;
  rows: number;
  columns: number;
}

/** Matrices of one layer. */
export const LAYER_MATRICES = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const;
export type LayerMatrix = (typeof LAYER_MATRICES)[number];

/** Vectors of one layer that every model of the family has; each is applied elementwise. */
export const LAYER_NORMS = ['attentionNorm', 'ffnNorm'] as const;

/** [rows, columns] of a layer's matrix. */
export function matrixShape(spec: ModelSpec, matrix: LayerMatrix): [number, number] {
  const { modelWidth: d, ffnWidth: f, headWidth, headCount, kvHeadCount } = spec;
  switch (matrix) {
    case 'q':
      return [headCount * headWidth, d];
    case 'k':
    case 'v':
      return [kvHeadCount * headWidth, d];
    case 'o':
      return [d, headCount * headWidth];
    case 'gate':
    case 'up':
      return [f, d];
    case 'down':
      return [d, f];
  }
}

/** Whether a layer's matrix adds a bias `layers.N.<matrix>.bias`. */
export function hasBias(spec: ModelSpec, matrix: LayerMatrix): boolean {
  if (matrix === 'o') return spec.biases.attentionOutput;
  return matrix === 'q' || matrix === 'k' || matrix === 'v' ? spec.biases.qkv : spec.biases.ffn;
}

/**
 * Every tensor the spec asks for, in a fixed order: canonical name and shape, no type.
 * `head` is absent when embeddings are tied. Norms and biases are always f32 in memory.
 */
export function tensorShapes(spec: ModelSpec): Omit<TensorInfo, 'type'>[] {
  const { vocabCount: v, modelWidth: d } = spec;
  const shapes = [{ name: 'embed', rows: v, columns: d }];
  for (let layer = 0; layer < spec.layerCount; layer++) {
    const prefix = `layers.${layer}`;
    for (const norm of LAYER_NORMS) shapes.push({ name: `${prefix}.${norm}`, rows: 1, columns: d });
    for (const matrix of LAYER_MATRICES) {
      const [rows, columns] = matrixShape(spec, matrix);
      shapes.push({ name: `${prefix}.${matrix}`, rows, columns });
      if (hasBias(spec, matrix)) {
        shapes.push({ name: `${prefix}.${matrix}.bias`, rows: 1, columns: rows });
      }
    }
  }
  shapes.push({ name: 'norm', rows: 1, columns: d });
  if (!spec.hasTiedEmbeddings) shapes.push({ name: 'head', rows: v, columns: d });
  return shapes;
}
