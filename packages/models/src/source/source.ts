/**
 * Where weights come from, seen alike by every tile thread.
 *
 * A loader checks a model's files once, in the caller's thread, and describes them as plain data;
 * each tile thread opens the description and reads only the rows and columns its shards need,
 * straight into the tile's memory.
 */
import type { ModelSpec, ScalarType, TensorInfo, WeightType } from '@wafer/core';
import type { TokenizerDescription } from '@wafer/text';

/** A tensor as tiles compute with it. */
export interface SourceTensor extends TensorInfo {
  /** Type it is stored in, if another: rows are then quantized to `type` as they are read. */
  storedType?: WeightType | undefined;
}

/**
 * A tensor's bytes in a file. Row by row without gaps, each of `storedRowBytes` of the stored
 * type, unless strides say where rows start (a slice by turns) or elements lie (transposed).
 */
export interface FileTensor extends SourceTensor {
  fileIndex: number;
  offset: number; // bytes
  /** Bytes from one row to the next. */
  rowStride?: number;
  /** Bytes from one element of a row to the next; only of types with one number per element. */
  columnStride?: number;
  /** Scales that lie apart from the numbers; the reader brings both together as blocks. */
  scales?: FileScales;
}

/**
 * Where scales lie. `grid` (8-bit floats): one number for `rowSpan` × `columnSpan` weights,
 * […][gridColumns], from a row of the file's tensor on. `exponents` (MXFP4 in folders): one byte
 * for 32 inputs, [rows][columns / 32]; nibbles of a byte are neighbors there.
 */
export type FileScales =
  | {
      kind: 'grid';
      fileIndex: number;
      offset: number; // bytes
      type: ScalarType;
      count: number;
      firstRow: number;
      rowSpan: number;
      columnSpan: number;
      gridColumns: number;
    }
  | { kind: 'exponents'; fileIndex: number; offset: number; rowStride: number };

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

/** A low-rank change of a matrix: scale · B A is added to its rows as they are read. */
export interface LowRank {
  /** The matrix as it is stored. */
  base: FileTensor;
  a: FileTensor; // [rank, columns]
  b: FileTensor; // [rows, rank]
  rank: number;
  scale: number;
  /** The row of B of each row of the matrix, where they differ. */
  rowOrder?: readonly number[];
}

/** Plain data that crosses threads. */
export type SourceDescription =
  | {
      kind: 'files';
      paths: string[];
      tensors: Record<string, FileTensor>;
      /** By name of the matrix, whose rows are f32 then. */
      changes?: Record<string, LowRank>;
    }
  | { kind: 'synthetic'; seed: number; tensors: Record<string, SourceTensor> };

/** A type that weights can be quantized to while they are loaded. */
export type LoadType = 'q8_0' | 'q4_0';

/** A matrix that stays as it is stored. */
export interface KeptTensor {
  tensor: string;
  type: WeightType;
  reason: string;
}

/** What was asked of a model, and where it could not be done. */
export interface Requantized {
  type: LoadType;
  kept: readonly KeptTensor[];
}

/** Options of sampling that a model's files suggest, by the names of the interface. */
export interface SuggestedSampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetitionPenalty?: number;
}

/** A model that was read and checked: what it computes, its weights, its text. */
export interface Model {
  /** What the user named. */
  name: string;
  spec: ModelSpec;
  /** By canonical name; `tensorShapes(spec)` lists which. */
  source: SourceDescription;
  /** Undefined for models without text. */
  tokenizer: TokenizerDescription | undefined;
  /** First and last token ids that the model's files name. */
  special: { begin: number | undefined; addBegin: boolean; ends: number[] };
  /** How its authors suggest to sample; applied by nobody but a caller who asks. */
  sampling?: SuggestedSampling | undefined;
  /** Set where matrices are quantized at load, see `requantize`. */
  requantized?: Requantized | undefined;
}

/** Rows of a tensor and columns of those rows. */
export interface WeightRange {
  row: number;
  rowCount: number;
  column: number;
  columnCount: number;
}

/** Sums over weights w and what they became, q: Σ (w - q)² and Σ w². */
export interface WeightLoss {
  errorSquares: number;
  squares: number;
}

/** Reads stored rows. Opened once per thread; `close` frees its files. */
export interface WeightReader {
  /**
   * Writes rows [row, row + rowCount) × columns [column, column + columnCount) of a tensor to
   * `target`, in stored form, rows packed without gaps. Columns are whole blocks.
   */
  readRows(tensor: string, range: WeightRange, target: Uint8Array): void;
  /** A norm or bias, converted to f32. Throws: TENSOR_NOT_FINITE. */
  readVector(tensor: string): Float32Array;
  /** What quantizing has lost since the last call; undefined where nothing was quantized. */
  takeLoss(): WeightLoss | undefined;
  close(): void;
}
