/**
 * Which type a tensor is kept in where its model is in blocks: vectors and routers are not, and
 * blocks of 256 inputs do not fit every matrix.
 *
 * A router's logits decide which experts run, and its matrix is small; converters keep it in f32.
 */
import { isVectorName, storableType, WEIGHT_TYPES, type WeightType } from '@wafer/core';

/** The type of a tensor in a model of `type`. */
export function storedType(tensor: string, type: WeightType, columns: number): WeightType {
  if (isVectorName(tensor)) return 'f32';
  const isBlocks = WEIGHT_TYPES[type].blockColumns > 1;
  return isBlocks && tensor.endsWith('.router') ? 'f32' : storableType(type, columns);
}
