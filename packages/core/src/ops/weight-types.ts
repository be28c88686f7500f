/**
 * How each weight type is stored in a file and packed in a tile's SRAM.
 *
 * Stored: row-major; block types as their file in `blocks/` says.
 * Packed: panels of `panelRows` outputs, so that one vector load feeds neighboring outputs:
 *
 *   f32          [N/32][K][32] f32
 *   f16, bf16    [N/32][K][32] 16-bit; of each 8 outputs, word i holds i (low), i + 4 (high)
 *   block types  [N/32][K/block] panels of 32 blocks, as the kernels' `assembly/blocks/` say
 *
 * Rows that pad the last panel are zero. Scales of block types are never expanded to f32 in memory.
 * Source: GGUF and ggml's block formats for the stored forms; the panels are ours.
 */
import type { WeightType } from '../model/spec.ts';
import { isVector, type TensorInfo } from '../model/tensors.ts';
import { BLOCK_FORMATS } from '../blocks/formats.ts';
import { F32_BYTES } from './cost.ts';

export interface WeightTypeInfo {
  /** Inputs per block: the columns of a matrix must be a multiple of it. */
  blockColumns: number;
  /** Bytes of one block in a file. */
  blockBytes: number;
  /** Bytes of one block in SRAM, averaged over a panel. */
  packedBlockBytes: number;
  /** Outputs per panel. */
  panelRows: number;
}

/** Outputs per panel, of every type. */
const PANEL_ROWS = 32;

export const WEIGHT_TYPES: Readonly<Record<WeightType, WeightTypeInfo>> = {
  f32: scalar(4),
  f16: scalar(2),
  bf16: scalar(2),
  ...mapValues(BLOCK_FORMATS, ({ blockColumns, blockBytes, packedBlockBytes = blockBytes }) => {
    return { blockColumns, blockBytes, packedBlockBytes, panelRows: PANEL_ROWS };
  }),
};

/** All weight types, in the order of the table. */
export const WEIGHT_TYPE_NAMES: readonly WeightType[] = Object.keys(WEIGHT_TYPES) as WeightType[];

function scalar(bytes: number): WeightTypeInfo {
  return { blockColumns: 1, blockBytes: bytes, packedBlockBytes: bytes, panelRows: PANEL_ROWS };
}

function mapValues<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  map: (value: A) => B,
): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, map(value)]);
  return Object.fromEntries(entries) as Record<K, B>;
}

/** What ggml's quantizer takes where inputs are no multiple of 256. */
const SMALLER_BLOCKS: Readonly<Partial<Record<WeightType, WeightType>>> = {
  q2_k: 'iq4_nl',
  q3_k: 'iq4_nl',
  q4_k: 'q5_0',
  q5_k: 'q5_1',
  q6_k: 'q8_0',
  iq4_xs: 'iq4_nl',
};

/**
 * The type in which writers store a matrix: the one asked for, or, where inputs are no whole
 * blocks of 256, a type with smaller blocks, or f16.
 */
export function storableType(type: WeightType, columns: number): WeightType {
  const smaller = SMALLER_BLOCKS[type];
  if (smaller === undefined || columns % WEIGHT_TYPES[type].blockColumns === 0) return type;
  return columns % WEIGHT_TYPES[smaller].blockColumns === 0 ? smaller : 'f16';
}

/** Bytes of `columns` inputs of one stored row. */
export function storedRowBytes(type: WeightType, columns: number): number {
  const { blockColumns, blockBytes } = WEIGHT_TYPES[type];
  return (columns / blockColumns) * blockBytes;
}

/** Bytes of one packed panel. */
export function panelBytes(type: WeightType, columns: number): number {
  const { blockColumns, packedBlockBytes, panelRows } = WEIGHT_TYPES[type];
  return (columns / blockColumns) * packedBlockBytes * panelRows;
}

/** Bytes of a tensor in SRAM if one tile holds it: a matrix packed, a vector as f32. */
export function tensorBytes(tensor: TensorInfo): number {
  const { type, rows, columns } = tensor;
  return isVector(tensor) ? columns * F32_BYTES : packedBytes(type, rows, columns);
}

/** Bytes of a packed matrix, padding included. */
export function packedBytes(type: WeightType, rows: number, columns: number): number {
  return Math.ceil(rows / WEIGHT_TYPES[type].panelRows) * panelBytes(type, columns);
}
