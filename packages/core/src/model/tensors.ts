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

/** Which tensor of a model it is: what its name says, as data. */
export interface TensorRole {
  /** Undefined of what stands before or after all layers. */
  layer: number | undefined;
  /** `embed`, `norm`, `head`; of a layer `q`, `router`, `experts.gate`; of a bias its matrix's. */
  part: string;
  isBias: boolean;
  /** Of a part of `experts`. */
  expert: number | undefined;
  /** Whether its rows (of a vector, elements) are turned by positions, and follow their layout. */
  isRotated: boolean;
}

/** One tensor of a model. */
export interface TensorInfo {
  /** Canonical name: `embed`, `head`, `norm`, `layers.3.q` … For people and as a key alone. */
  name: string;
  role: TensorRole;
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

/** Matrices that adapters may change: of dense layers, of all experts, of the shared expert. */
export type AdapterTarget = LayerMatrix | `${'experts' | 'shared'}.${FfnMatrix}`;
export const ADAPTER_TARGETS: readonly AdapterTarget[] = [
  ...ATTENTION_MATRICES,
  ...FFN_MATRICES,
  ...FFN_MATRICES.map((matrix) => `experts.${matrix}` as const),
  ...FFN_MATRICES.map((matrix) => `shared.${matrix}` as const),
];

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
  const shapes = [matrix({ part: 'embed' }, v, d)];
  for (let layer = 0; layer < spec.layerCount; layer++) {
    shapes.push(norm({ layer, part: 'attentionNorm' }, d), norm({ layer, part: 'ffnNorm' }, d));
    append(shapes, attentionTensors(spec, layer));
    const isDense = layerOf(spec, layer).ffn === 'dense';
    if (isDense) append(shapes, ffnTensors({ layer }, [spec.ffnWidth, d], spec.biases.ffn));
    else append(shapes, expertTensors(spec, layer));
    if (spec.hasPostNorms) shapes.push(norm({ layer, part: 'ffnPostNorm' }, d));
  }
  shapes.push(norm({ part: 'norm' }, d));
  if (!spec.hasTiedEmbeddings) shapes.push(matrix({ part: 'head' }, v, d));
  return shapes;
}

/** The weight type that stands for all of a model's: that of the first layer's queries. */
export function layerType(tensors: Readonly<Record<string, TensorInfo>>): WeightType {
  const query = Object.values(tensors).find(({ role }) => role.part === 'q');
  assert(query !== undefined, 'a model has layers', { tensors: Object.keys(tensors).length });
  return query.type;
}

/** Whether a tensor is a vector: it is f32 in memory, and whole on every tile that needs it. */
export function isVector({ use }: Pick<TensorInfo, 'use'>): boolean {
  return use === 'norm' || use === 'vector';
}

function attentionTensors(spec: ModelSpec, layer: number): TensorShape[] {
  const { modelWidth: d, headWidth, headCount, attention } = spec;
  const shapes: TensorShape[] = [];
  for (const part of ATTENTION_MATRICES) {
    const [rows, columns] = matrixShape(spec, part);
    const role = { layer, part, isRotated: part === 'q' || part === 'k' };
    shapes.push(matrix(role, rows, columns));
    if (hasBias(spec, part)) shapes.push(vector({ ...role, isBias: true }, rows));
  }
  if (attention.queryKeyNorm === 'learned') {
    for (const part of ['queryNorm', 'keyNorm']) {
      shapes.push(norm({ layer, part, isRotated: true }, headWidth));
    }
  }
  if (attention.hasSinks) shapes.push(vector({ layer, part: 'sinks' }, headCount));
  if (spec.hasPostNorms) shapes.push(norm({ layer, part: 'attentionPostNorm' }, d));
  return shapes;
}

function expertTensors(spec: ModelSpec, layer: number): TensorShape[] {
  const { modelWidth: d } = spec;
  const { expertCount, expertWidth, sharedWidth, router, hasBias: isBiased } = expertsOf(spec);
  const shapes = [matrix({ layer, part: 'router' }, expertCount, d, 'router')];
  if (router.hasBias) shapes.push(vector({ layer, part: 'router', isBias: true }, expertCount));
  if (router.hasSelectionBias) {
    shapes.push(vector({ layer, part: 'router.selectionBias' }, expertCount));
  }
  for (let expert = 0; expert < expertCount; expert++) {
    append(shapes, ffnTensors({ layer, group: 'experts', expert }, [expertWidth, d], isBiased));
  }
  if (sharedWidth > 0) {
    append(shapes, ffnTensors({ layer, group: 'shared' }, [sharedWidth, d], false));
  }
  return shapes;
}

/** Gate, up and down: of a dense layer, of one expert or of the shared one. */
function ffnTensors(
  owner: { layer: number; group?: 'experts' | 'shared'; expert?: number },
  [width, d]: readonly [number, number],
  isBiased: boolean,
): TensorShape[] {
  const { layer, group, expert } = owner;
  return FFN_MATRICES.flatMap((name) => {
    const [rows, columns] = ffnShape(name, width, d);
    const role = { layer, part: group === undefined ? name : `${group}.${name}`, expert };
    const shape = matrix(role, rows, columns, expert === undefined ? 'matrix' : 'expert');
    return isBiased ? [shape, vector({ ...role, isBias: true }, rows)] : [shape];
  });
}

function ffnShape(matrix: FfnMatrix, width: number, d: number): [number, number] {
  return matrix === 'down' ? [d, width] : [width, d];
}

type RoleInput = Pick<TensorRole, 'part'> & Partial<TensorRole>;

/** A role by what is special of it; of no layer, no expert, no bias and not rotated else. */
export function tensorRole(input: RoleInput): TensorRole {
  return { layer: undefined, isBias: false, expert: undefined, isRotated: false, ...input };
}

/** `layers.3.experts.17.gate.bias`: the number of an expert stands behind its group. */
function nameOf({ layer, part, isBias, expert }: TensorRole): string {
  const own = expert === undefined ? part : part.replace('.', `.${expert}.`);
  return `${layer === undefined ? '' : `layers.${layer}.`}${own}${isBias ? '.bias' : ''}`;
}

function matrix(
  role: RoleInput,
  rows: number,
  columns: number,
  use: TensorUse = 'matrix',
): TensorShape {
  return shapeOf(role, { use, rows, columns });
}

function norm(role: RoleInput, columns: number): TensorShape {
  return shapeOf(role, { use: 'norm', rows: 1, columns });
}

function vector(role: RoleInput, columns: number): TensorShape {
  return shapeOf(role, { use: 'vector', rows: 1, columns });
}

function shapeOf(input: RoleInput, rest: Omit<TensorShape, 'name' | 'role'>): TensorShape {
  const role = tensorRole(input);
  return { name: nameOf(role), role, ...rest };
}
