/**
 * The numbers of the GGUF format: metadata value types and tensor types.
 *
 * Every tensor type that ggml has is named here, so that a refusal can say what a file holds;
 * those that Wafer computes from have a `weightType`, and blocks of them a format in core.
 *
 * Source: ggml, docs/gguf.md and the block structs of ggml-common.h.
 */
import { BLOCK_FORMATS } from '@wafer/core';
import type { BlockType, WeightType } from '@wafer/core';

/** First four bytes of a GGUF file, as a little-endian number. */
export const GGUF_MAGIC = 0x46554747;

/** Where tensor data starts and tensors lie, unless `general.alignment` says otherwise. */
export const GGUF_ALIGNMENT = 32;

/** Metadata value types by name. */
export const GGUF_VALUE = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** Bytes of a metadata value by its type; the least for a string and an array. */
export const GGUF_VALUE_BYTES: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

/** One tensor type of ggml. */
export interface GgufTensorType {
  name: string;
  /** Elements of a row per block. */
  blockColumns: number;
  blockBytes: number;
  /** Absent where Wafer does not compute from the type. */
  weightType?: WeightType;
  /** `general.file_type` of a file whose matrices are of the type. */
  fileType?: number;
}

/** Types of single numbers, and blocks that Wafer does not compute from. */
const OTHER_TYPES: readonly [number, GgufTensorType][] = [
  [0, { name: 'F32', blockColumns: 1, blockBytes: 4, weightType: 'f32', fileType: 0 }],
  [1, { name: 'F16', blockColumns: 1, blockBytes: 2, weightType: 'f16', fileType: 1 }],
  [9, { name: 'Q8_1', blockColumns: 32, blockBytes: 36 }],
  [15, { name: 'Q8_K', blockColumns: 256, blockBytes: 292 }],
  [16, { name: 'IQ2_XXS', blockColumns: 256, blockBytes: 66 }],
  [17, { name: 'IQ2_XS', blockColumns: 256, blockBytes: 74 }],
  [18, { name: 'IQ3_XXS', blockColumns: 256, blockBytes: 98 }],
  [19, { name: 'IQ1_S', blockColumns: 256, blockBytes: 50 }],
  [21, { name: 'IQ3_S', blockColumns: 256, blockBytes: 110 }],
  [22, { name: 'IQ2_S', blockColumns: 256, blockBytes: 82 }],
  [24, { name: 'I8', blockColumns: 1, blockBytes: 1 }],
  [25, { name: 'I16', blockColumns: 1, blockBytes: 2 }],
  [26, { name: 'I32', blockColumns: 1, blockBytes: 4 }],
  [27, { name: 'I64', blockColumns: 1, blockBytes: 8 }],
  [28, { name: 'F64', blockColumns: 1, blockBytes: 8 }],
  [29, { name: 'IQ1_M', blockColumns: 256, blockBytes: 56 }],
  [34, { name: 'TQ1_0', blockColumns: 256, blockBytes: 54 }],
  [35, { name: 'TQ2_0', blockColumns: 256, blockBytes: 66 }],
  [30, { name: 'BF16', blockColumns: 1, blockBytes: 2, weightType: 'bf16', fileType: 32 }],
];

/** Those of our block formats that ggml has, under its names: ours in capitals. */
const BLOCK_TYPES = Object.entries(BLOCK_FORMATS).flatMap(
  ([type, { ggml, blockColumns, blockBytes }]): [number, GgufTensorType][] => {
    if (ggml === undefined) return [];
    const weightType = type as BlockType;
    const name = type.toUpperCase();
    const { number, fileType } = ggml;
    return [[number, { name, blockColumns, blockBytes, weightType, fileType }]];
  },
);

/** Tensor types by ggml number, in ascending order. */
export const GGUF_TENSOR_TYPES: ReadonlyMap<number, GgufTensorType> = new Map(
  [...OTHER_TYPES, ...BLOCK_TYPES].toSorted(([a], [b]) => a - b),
);

/** The names of the types that Wafer computes from. */
export const GGUF_SUPPORTED: readonly string[] = [...GGUF_TENSOR_TYPES.values()]
  .filter(({ weightType }) => weightType !== undefined)
  .map(({ name }) => name);

/** The ggml number of a weight type. */
export function ggmlNumber(type: WeightType): number {
  return ggmlType(type)[0];
}

/** `general.file_type` of a file whose matrices are of a type. */
export function ggmlFileType(type: WeightType): number {
  return ggmlType(type)[1].fileType ?? 0;
}

/** Whether GGUF files can hold a weight type. */
export function isGgufType(type: WeightType): boolean {
  return [...GGUF_TENSOR_TYPES.values()].some(({ weightType }) => weightType === type);
}

function ggmlType(type: WeightType): [number, GgufTensorType] {
  for (const entry of GGUF_TENSOR_TYPES) if (entry[1].weightType === type) return entry;
  throw new Error(`no ggml number for ${type}`);
}
