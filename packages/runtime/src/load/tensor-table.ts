/**
 * Matches what a spec asks for with what the files hold.
 *
 * Every tensor must be there, with the right shape and a type that Wafer computes from. Vectors
 * (norms, biases) have one dimension and a type of one number per element.
 */
import {
  isVectorName,
  tensorShapes,
  WaferError,
  type ModelSpec,
  type WeightType,
} from '@wafer/core';
import { GGUF_SUPPORTED } from './gguf-types.ts';
import type { FileTensor } from './source.ts';
import { nameInFile, type ModelFormat } from './tensor-names.ts';

/** A tensor as a file lists it. */
export interface StoredTensor {
  /** Outermost first. */
  shape: readonly number[];
  /** What the file calls the type. */
  typeName: string;
  /** Absent where Wafer does not compute from the type. */
  type: WeightType | undefined;
  fileIndex: number;
  offset: number; // bytes, from the start of the file
}

const SUPPORTED: Readonly<Record<ModelFormat, readonly string[]>> = {
  safetensors: ['F32', 'F16', 'BF16'],
  gguf: GGUF_SUPPORTED,
};
const SUPPORTED_VECTORS: readonly string[] = ['F32', 'F16', 'BF16'];

/** Finds every tensor of the spec. Throws: TENSOR_MISSING, TENSOR_SHAPE, TENSOR_TYPE. */
export function matchTensors(
  path: string,
  format: ModelFormat,
  spec: ModelSpec,
  find: (nameInFile: string) => StoredTensor | undefined,
): Record<string, FileTensor> {
  const tensors: Record<string, FileTensor> = {};
  for (const { name, rows, columns } of tensorShapes(spec)) {
    const tensor = nameInFile(format, name);
    const stored = find(tensor);
    if (stored === undefined) throw new WaferError('TENSOR_MISSING', { path, tensor });
    const isVector = isVectorName(name);
    const expected = (isVector ? [columns] : [rows, columns]).join(' x ');
    const actual = stored.shape.join(' x ');
    if (actual !== expected) throw new WaferError('TENSOR_SHAPE', { tensor, actual, expected });
    const supported = isVector ? SUPPORTED_VECTORS : SUPPORTED[format];
    if (stored.type === undefined || !supported.includes(stored.typeName)) {
      throw new WaferError('TENSOR_TYPE', { tensor, type: stored.typeName, supported });
    }
    const { type, fileIndex, offset } = stored;
    tensors[name] = { name, type, rows, columns, fileIndex, offset };
  }
  return tensors;
}
