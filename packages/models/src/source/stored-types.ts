/**
 * Which type a tensor is kept in where its model is in blocks: vectors and routers are not.
 *
 * A router's logits decide which experts run, and its matrix is small; converters keep it in f32.
 * Of a folder with MXFP4 only the experts are in it; bf16 holds the numbers of the rest exactly.
 */
import { isVector, storableType, WEIGHT_TYPES } from '@wafer/core';
import type { TensorShape, WeightType } from '@wafer/core';

/** The type of a tensor in a model of `type`. */
export function storedType(
  tensor: Pick<TensorShape, 'use' | 'columns'>,
  type: WeightType,
): WeightType {
  if (isVector(tensor)) return 'f32';
  const isBlocks = WEIGHT_TYPES[type].blockColumns > 1;
  return isBlocks && tensor.use === 'router' ? 'f32' : storableType(type, tensor.columns);
}

/** The type of a tensor in a folder whose experts are packed. */
export function packedType(tensor: Pick<TensorShape, 'use'>): WeightType {
  if (isVector(tensor) || tensor.use === 'router') return 'f32';
  return tensor.use === 'expert' ? 'mxfp4' : 'bf16';
}
