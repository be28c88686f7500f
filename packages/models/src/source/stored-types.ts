/**
 * Which type a tensor is kept in where its model is in blocks: vectors and routers are not.
 *
 * A router's logits decide which experts run, and its matrix is small; converters keep it in f32.
 * Of a folder with MXFP4 only the experts are in it; bf16 holds the numbers of the rest exactly.
 */
import { isVectorName, storableType, WEIGHT_TYPES, type WeightType } from '@wafer/core';

/** The type of a tensor in a model of `type`. */
export function storedType(tensor: string, type: WeightType, columns: number): WeightType {
  if (isVectorName(tensor)) return 'f32';
  const isBlocks = WEIGHT_TYPES[type].blockColumns > 1;
  return isBlocks && tensor.endsWith('.router') ? 'f32' : storableType(type, columns);
}

/** The type of a tensor in a folder whose experts are packed. */
export function packedType(tensor: string): WeightType {
  if (isVectorName(tensor) || tensor.endsWith('.router')) return 'f32';
  return /\.experts\.\d+\.\w+$/.test(tensor) ? 'mxfp4' : 'bf16';
}
