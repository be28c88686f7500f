/**
 * The tensors of a model by their canonical names, with shapes and stored types.
 *
 * Loaders map the names of their format to these; the plan cuts them into shards. A matrix is
 * [rows = outputs, columns = inputs], row-major as stored; a vector has one row. Every expert has
 * matrices of its own: `layers.3.experts.17.gate`.
 */
import { append } from '../lists.ts';
import { assert } from '../errors.ts';
import { layerOf } from './spec.ts';
import type { ExpertSpec, ModelSpec, WeightType } from './spec.ts';

/** What a tensor is for: how it is stored, cut and made up goes by this, never by its name. */
export type TensorUse =
  | 'matrix'
  | 'router' // a matrix whose outputs decide which experts run
  | 'expert' // a matrix of one expert
  | 'norm' // a vector of gains
  | 'vector'; // biases, sinks

/** One tensor of a model. */
export interface TensorInfo {
  /** Canonical name: `embed`, `head`, `norm`, `layers.3.q` … */
  name: string;
  use: TensorUse;
  type: WeightType;
  rows: number;
  columns: number;
}

/** A tensor without its type. */
export type TensorShape = Omit<TensorInfo, 'type'>;

/** Matrices of attention. */
export const ATTENTION_MATRICES = ['q', 'k', 'v', 'o'] as const;

/** Matrices of a feed-forward layer, of an expert and of the shared expert. */
export const FFN_MATRICES = ['gate', 'up', 'down'] as const;
export type FfnMatrix = (typeof FFN_MATRICES)[number];

/** Matrices of a dense layer. */
export type LayerMatrix = (typeof ATTENTION_MATRICES)[number] | FfnMatrix;

/** [rows, columns] of a dense layer's matrix. */
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
    case 'down':
      return ffnShape(matrix, f, d);
  }
}

/** Whether a dense layer's matrix adds a bias `layers.N.<matrix>.bias`. */
export function hasBias(spec: ModelSpec, matrix: LayerMatrix): boolean {
  if (matrix === 'o') return spec.biases.attentionOutput;
  return matrix === 'q' || matrix === 'k' || matrix === 'v' ? spec.biases.qkv : spec.biases.ffn;
}

/** The experts of a spec that has some. */
export function expertsOf(spec: ModelSpec): ExpertSpec {
  const { experts } = spec;
  assert(experts !== undefined, 'a layer of experts has a spec of them', { family: spec.family });
  return experts;
}

/**
 * Every tensor the spec asks for, in a fixed order: canonical name and shape, no type.
 * `head` is absent when embeddings are tied. Vectors are always f32 in memory.
 */
export function tensorShapes(spec: ModelSpec): TensorShape[] {
  const { vocabCount: v, modelWidth: d } = spec;
  const shapes = [matrix('embed', v, d)];
  for (let layer = 0; layer < spec.layerCount; layer++) {
    const prefix = `layers.${layer}`;
    shapes.push(norm(`${prefix}.attentionNorm`, d), norm(`${prefix}.ffnNorm`, d));
    append(shapes, attentionTensors(spec, prefix));
    const isDense = layerOf(spec, layer).ffn === 'dense';
    if (isDense) append(shapes, ffnTensors(prefix, spec.ffnWidth, d, spec.biases.ffn));
    else append(shapes, expertTensors(spec, prefix));
    if (spec.hasPostNorms) shapes.push(norm(`${prefix}.ffnPostNorm`, d));
  }
  shapes.push(norm('norm', d));
  if (!spec.hasTiedEmbeddings) shapes.push(matrix('head', v, d));
  return shapes;
}

/** Whether a tensor is a vector: it is f32 in memory, and whole on every tile that needs it. */
export function isVector({ use }: Pick<TensorInfo, 'use'>): boolean {
  return use === 'norm' || use === 'vector';
}

function attentionTensors(spec: ModelSpec, prefix: string): TensorShape[] {
  const { modelWidth: d, headWidth, headCount, attention } = spec;
  const shapes: TensorShape[] = [];
  for (const name of ATTENTION_MATRICES) {
    const [rows, columns] = matrixShape(spec, name);
    shapes.push(matrix(`${prefix}.${name}`, rows, columns));
    if (hasBias(spec, name)) shapes.push(vector(`${prefix}.${name}.bias`, rows));
  }
  if (attention.queryKeyNorm === 'learned') {
    shapes.push(norm(`${prefix}.queryNorm`, headWidth), norm(`${prefix}.keyNorm`, headWidth));
  }
  if (attention.hasSinks) shapes.push(vector(`${prefix}.sinks`, headCount));
  if (spec.hasPostNorms) shapes.push(norm(`${prefix}.attentionPostNorm`, d));
  return shapes;
}

function expertTensors(spec: ModelSpec, prefix: string): TensorShape[] {
  const { modelWidth: d } = spec;
  const { expertCount, expertWidth, sharedWidth, router, hasBias: isBiased } = expertsOf(spec);
  const shapes = [matrix(`${prefix}.router`, expertCount, d, 'router')];
  if (router.hasBias) shapes.push(vector(`${prefix}.router.bias`, expertCount));
  if (router.hasSelectionBias) shapes.push(vector(`${prefix}.router.selectionBias`, expertCount));
  for (let expert = 0; expert < expertCount; expert++) {
    const own = ffnTensors(`${prefix}.experts.${expert}`, expertWidth, d, isBiased);
    append(
      shapes,
      own.map((one) => (one.use === 'matrix' ? { ...one, use: 'expert' } : one)),
    );
  }
  if (sharedWidth > 0) append(shapes, ffnTensors(`${prefix}.shared`, sharedWidth, d, false));
  return shapes;
}

function ffnTensors(prefix: string, width: number, d: number, isBiased: boolean): TensorShape[] {
  return FFN_MATRICES.flatMap((name) => {
    const [rows, columns] = ffnShape(name, width, d);
    const shape = matrix(`${prefix}.${name}`, rows, columns);
    return isBiased ? [shape, vector(`${shape.name}.bias`, rows)] : [shape];
  });
}

function ffnShape(matrix: FfnMatrix, width: number, d: number): [number, number] {
  return matrix === 'down' ? [d, width] : [width, d];
}

function matrix(
  name: string,
  rows: number,
  columns: number,
  use: TensorUse = 'matrix',
): TensorShape {
  return { name, use, rows, columns };
}

function norm(name: string, columns: number): TensorShape {
  return { name, use: 'norm', rows: 1, columns };
}

function vector(name: string, columns: number): TensorShape {
  return { name, use: 'vector', rows: 1, columns };
}
