/**
 * Weights in a block type that their files do not have: which tensors, and what it cost.
 *
 * A tensor that is quantized at load keeps its stored type beside the one it is computed in. Plan,
 * sizes and hashes know the latter only; the reader of each tile thread makes its rows from the
 * former while they are packed, so that no second copy ever lies in memory.
 */
import { isVector, WaferError, WEIGHT_TYPES } from '@wafer/core';
import type { TensorInfo, WeightType } from '@wafer/core';
import type {
  KeptTensor,
  LoadType,
  Model,
  Requantized,
  SourceDescription,
  SourceTensor,
} from '../source/source.ts';

/** Types that weights can be quantized to while they are loaded. */
export const LOAD_TYPES: readonly LoadType[] = ['q8_0', 'q4_0'];

/** Types that are quantized; others are in blocks already. */
const PLAIN_TYPES: readonly WeightType[] = ['f32', 'f16', 'bf16'];

/** Sums over the weights w of one shard and the values q they became. */
export interface ShardError {
  tensor: string;
  row: number;
  rowCount: number;
  column: number;
  columnCount: number;
  /** Σ (w - q)² */
  errorSquares: number;
  /** Σ w² */
  squares: number;
}

/** What quantizing at load did to the weights. */
export interface Quantization extends Requantized {
  /** Matrices that were quantized. */
  tensorCount: number;
  /** √(Σ (w - q)² / Σ w²) over all weights that were quantized. */
  relativeRmsError: number;
  /** The tensor with the largest one; undefined where nothing was quantized. */
  worst: { tensor: string; relativeRmsError: number } | undefined;
}

/**
 * The same model, with its matrices to be quantized at load. Those whose columns are no whole
 * blocks, or that are in blocks already, are kept. Throws: PLAN_OPTION for another type.
 */
export function requantize(model: Model, type: LoadType): Model {
  if (!LOAD_TYPES.includes(type)) {
    const expected = LOAD_TYPES.join(' or ');
    throw new WaferError('PLAN_OPTION', { option: 'dtype', value: type, expected });
  }
  if (model.requantized?.type === type) return model;
  const kept: KeptTensor[] = [];
  const source = mapTensors(model.source, (tensor) => {
    if (isVector(tensor)) return tensor;
    const stored = tensor.storedType ?? tensor.type;
    const reason = whyKept(tensor, stored, type);
    if (reason === undefined) return { ...tensor, type, storedType: stored };
    if (stored !== type) kept.push({ tensor: tensor.name, type: stored, reason });
    return { ...tensor, type: stored };
  });
  return { ...model, source, requantized: { type, kept } };
}

function whyKept(
  { use, columns }: TensorInfo,
  stored: WeightType,
  type: LoadType,
): string | undefined {
  // As in files of the type: a router's logits decide which experts run.
  if (use === 'router') return 'it is a router';
  if (!PLAIN_TYPES.includes(stored)) return `it is stored as ${stored}`;
  const { blockColumns } = WEIGHT_TYPES[type];
  if (columns % blockColumns === 0) return undefined;
  return `its ${columns} columns are no whole blocks of ${blockColumns}`;
}

/** The tensors of a source as their files have them. */
export function storedSource(source: SourceDescription): SourceDescription {
  return mapTensors(source, (tensor) => {
    if (!('storedType' in tensor)) return tensor;
    const { storedType, ...stored } = tensor;
    return { ...stored, type: storedType ?? tensor.type } as typeof tensor;
  });
}

function mapTensors(
  source: SourceDescription,
  map: <Tensor extends SourceTensor>(tensor: Tensor) => Tensor,
): SourceDescription {
  const all = <Tensor extends SourceTensor>(
    tensors: Readonly<Record<string, Tensor>>,
  ): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor)]));
  return source.kind === 'files'
    ? { ...source, tensors: all(source.tensors) }
    : { ...source, tensors: all(source.tensors) };
}

/** Adds up what the tile threads found. A shard that lies on several tiles counts once. */
export function sumErrors(asked: Requantized, errors: readonly ShardError[]): Quantization {
  const shards = new Map(errors.map((error) => [keyOf(error), error]));
  const tensors = new Map<string, { errorSquares: number; squares: number }>();
  const total = { errorSquares: 0, squares: 0 };
  // In one order, so that the sums do not depend on which thread was first.
  for (const [, error] of [...shards].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const tensor = tensors.get(error.tensor) ?? { errorSquares: 0, squares: 0 };
    for (const sum of [tensor, total]) {
      sum.errorSquares += error.errorSquares;
      sum.squares += error.squares;
    }
    tensors.set(error.tensor, tensor);
  }
  let worst: Quantization['worst'];
  for (const [tensor, sums] of tensors) {
    const relativeRmsError = relative(sums);
    if (worst === undefined || relativeRmsError > worst.relativeRmsError) {
      worst = { tensor, relativeRmsError };
    }
  }
  return { ...asked, tensorCount: tensors.size, relativeRmsError: relative(total), worst };
}

function keyOf({ tensor, row, rowCount, column, columnCount }: ShardError): string {
  return [tensor, row, rowCount, column, columnCount].join(' ');
}

function relative({ errorSquares, squares }: { errorSquares: number; squares: number }): number {
  return squares === 0 ? 0 : Math.sqrt(errorSquares / squares);
}
