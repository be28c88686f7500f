/**
 * The numbers of the GGUF format: metadata value types and tensor types.
 *
 * Every tensor type that ggml has is named here, so that a refusal can say what a file holds;
 * those that Wafer computes from have a `weightType`.
 *
 * Source: ggml, docs/gguf.md and the block structs of ggml-common.h.
 */
import type { WeightType } from '@wafer/core';

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

/** Tensor types by ggml number. */
export const GGUF_TENSOR_TYPES: ReadonlyMap<number, GgufTensorType> = new Map<
  number,
  GgufTensorType
>([
  [0, { name: 'F32', blockColumns: 1, blockBytes: 4, weightType: 'f32', fileType: 0 }],
  [1, { name: 'F16', blockColumns: 1, blockBytes: 2, weightType: 'f16', fileType: 1 }],
  [2, { name: 'Q4_0', blockColumns: 32, blockBytes: 18, weightType: 'q4_0', fileType: 2 }],
  [3, { name: 'Q4_1', blockColumns: 32, blockBytes: 20, weightType: 'q4_1', fileType: 3 }],
  [6, { name: 'Q5_0', blockColumns: 32, blockBytes: 22, weightType: 'q5_0', fileType: 8 }],
  [7, { name: 'Q5_1', blockColumns: 32, blockBytes: 24, weightType: 'q5_1', fileType: 9 }],
  [8, { name: 'Q8_0', blockColumns: 32, blockBytes: 34, weightType: 'q8_0', fileType: 7 }],
  [9, { name: 'Q8_1', blockColumns: 32, blockBytes: 36 }],
  [10, { name: 'Q2_K', blockColumns: 256, blockBytes: 84, weightType: 'q2_k', fileType: 10 }],
  [11, { name: 'Q3_K', blockColumns: 256, blockBytes: 110, weightType: 'q3_k', fileType: 11 }],
  [12, { name: 'Q4_K', blockColumns: 256, blockBytes: 144, weightType: 'q4_k', fileType: 14 }],
  [13, { name: 'Q5_K', blockColumns: 256, blockBytes: 176, weightType: 'q5_k', fileType: 16 }],
  [14, { name: 'Q6_K', blockColumns: 256, blockBytes: 210, weightType: 'q6_k', fileType: 18 }],
  [15, { name: 'Q8_K', blockColumns: 256, blockBytes: 292 }],
  [16, { name: 'IQ2_XXS', blockColumns: 256, blockBytes: 66 }],
  [17, { name: 'IQ2_XS', blockColumns: 256, blockBytes: 74 }],
  [18, { name: 'IQ3_XXS', blockColumns: 256, blockBytes: 98 }],
  [19, { name: 'IQ1_S', blockColumns: 256, blockBytes: 50 }],
  [20, { name: 'IQ4_NL', blockColumns: 32, blockBytes: 18, weightType: 'iq4_nl', fileType: 25 }],
  [21, { name: 'IQ3_S', blockColumns: 256, blockBytes: 110 }],
  [22, { name: 'IQ2_S', blockColumns: 256, blockBytes: 82 }],
  [23, { name: 'IQ4_XS', blockColumns: 256, blockBytes: 136, weightType: 'iq4_xs', fileType: 30 }],
  [24, { name: 'I8', blockColumns: 1, blockBytes: 1 }],
  [25, { name: 'I16', blockColumns: 1, blockBytes: 2 }],
  [26, { name: 'I32', blockColumns: 1, blockBytes: 4 }],
  [27, { name: 'I64', blockColumns: 1, blockBytes: 8 }],
  [28, { name: 'F64', blockColumns: 1, blockBytes: 8 }],
  [29, { name: 'IQ1_M', blockColumns: 256, blockBytes: 56 }],
  [30, { name: 'BF16', blockColumns: 1, blockBytes: 2, weightType: 'bf16', fileType: 32 }],
  [34, { name: 'TQ1_0', blockColumns: 256, blockBytes: 54 }],
  [35, { name: 'TQ2_0', blockColumns: 256, blockBytes: 66 }],
  [39, { name: 'MXFP4', blockColumns: 32, blockBytes: 17, weightType: 'mxfp4', fileType: 38 }],
]);

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
