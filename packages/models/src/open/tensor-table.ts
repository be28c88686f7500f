/**
 * Matches what a spec asks for with what the files hold.
 *
 * Every tensor must be there, with the right shape and a type that Wafer computes from. Vectors
 * (norms, biases) have one dimension and a type of one number per element. A canonical tensor may
 * be a slice of a file's tensor; its strides then say where rows and elements lie.
 */
import {
  assert,
  isVector,
  storedRowBytes,
  tensorShapes,
  WaferError,
  WEIGHT_TYPES,
  type ModelSpec,
  type TensorShape,
  type WeightType,
} from '@wafer/core';
import {
  placeOf,
  type ModelFormat,
  type NameTable,
  type TensorPlace,
} from '../families/tensor-places.ts';
import { GGUF_SUPPORTED } from '../gguf/gguf-types.ts';
import { trySplitTensor } from '../weights/scaled-tensors.ts';
import type { FileTensor, StoredTensor } from '../source/source.ts';

const SUPPORTED: Readonly<Record<ModelFormat, readonly string[]>> = {
  safetensors: ['F32', 'F16', 'BF16'],
  gguf: GGUF_SUPPORTED,
};
const SUPPORTED_VECTORS: readonly string[] = ['F32', 'F16', 'BF16'];

/** Finds every tensor of the spec. Throws: TENSOR_MISSING, TENSOR_SHAPE, TENSOR_TYPE. */
export function matchTensors(
  path: string,
  format: { kind: ModelFormat; names: NameTable },
  spec: ModelSpec,
  find: (nameInFile: string) => StoredTensor | undefined,
): Record<string, FileTensor> {
  const tensors: Record<string, FileTensor> = {};
  for (const shape of tensorShapes(spec)) {
    const place = placeOf(format.names, shape.role);
    assert(place !== undefined, 'a family names all its tensors', { tensor: shape.name });
    const { tensor } = place;
    const split =
      format.kind === 'safetensors' ? trySplitTensor(path, shape, place, find) : undefined;
    if (split !== undefined) {
      tensors[shape.name] = split;
      continue;
    }
    const stored = find(tensor);
    if (stored === undefined) throw new WaferError('TENSOR_MISSING', { path, tensor });
    const expected = shapeInFile(shape, place, spec).join(' x ');
    const actual = stored.shape.join(' x ');
    const trim = format.kind === 'gguf' ? trimOnes : String;
    if (trim(actual) !== trim(expected)) {
      throw new WaferError('TENSOR_SHAPE', { tensor, actual, expected });
    }
    const isWhole = isVector(shape) || place.isTransposed === true;
    const supported = isWhole ? SUPPORTED_VECTORS : SUPPORTED[format.kind];
    const { type, typeName } = stored;
    if (type === undefined || !supported.includes(typeName)) {
      throw new WaferError('TENSOR_TYPE', { tensor, type: typeName, supported });
    }
    tensors[shape.name] = slice(shape, place, { ...stored, type });
  }
  return tensors;
}

/** The shape of the file's tensor that holds a canonical one, outermost first. */
export function shapeInFile(shape: TensorShape, place: TensorPlace, spec: ModelSpec): number[] {
  const { rows, columns } = shape;
  const isFused = place.fusion !== undefined;
  const outer = place.isStacked ? [spec.experts?.expertCount ?? 1] : [];
  if (isVector(shape)) return [...outer, isFused ? columns * 2 : columns];
  const fused = isFused ? rows * 2 : rows;
  return place.isTransposed ? [...outer, columns, fused] : [...outer, fused, columns];
}

/** In GGUF, outer dimensions of 1 may be left out. */
function trimOnes(shape: string): string {
  return shape.replace(/^(1 x )+/, '');
}

/** Where rows and elements of a canonical tensor lie. */
function slice(
  shape: TensorShape,
  place: TensorPlace,
  stored: StoredTensor & { type: WeightType },
): FileTensor {
  const { type, fileIndex } = stored;
  const { fusion, expert } = place;
  const { name, role, use, rows, columns } = shape;
  // Elements of a vector are cut as the rows of a matrix are.
  const lineCount = isVector(shape) ? columns : rows;
  const isByElement = isVector(shape) || place.isTransposed === true;
  const lineBytes = isByElement ? WEIGHT_TYPES[type].blockBytes : storedRowBytes(type, columns);
  const fusedLines = fusion === undefined ? lineCount : lineCount * 2;
  const expertBytes = fusedLines * lineBytes * (place.isTransposed ? columns : 1);
  const isByTurns = fusion?.by === 'turns';
  const part = fusion?.part ?? 0;
  const offset =
    stored.offset + expert * expertBytes + part * lineBytes * (isByTurns ? 1 : lineCount);
  const lineStride = isByTurns ? lineBytes * 2 : lineBytes;
  const tensor = { name, role, use, type, rows, columns, fileIndex, offset };
  if (place.isTransposed) {
    return { ...tensor, rowStride: lineStride, columnStride: fusedLines * lineBytes };
  }
  if (!isByTurns) return tensor;
  return isVector(shape)
    ? { ...tensor, columnStride: lineStride }
    : { ...tensor, rowStride: lineStride };
}
