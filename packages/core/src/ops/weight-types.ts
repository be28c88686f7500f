/**
 * How each weight type is stored in a file and packed in a tile's SRAM.
 *
 * Stored: row-major; block types as in GGUF (32 inputs of a row per block, f16 scale first).
 * Packed: panels of `panelRows` outputs, so that one vector load feeds neighbouring outputs:
 *
 *   f32        [N/32][K][32] f32
 *   f16, bf16  [N/32][K][32] 16-bit; of each 8 outputs, 32-bit word i holds i (low), i + 4 (high)
 *   q8_0       [N/32][K/32]: 32 f16 scales (64 bytes, as f16), then [32 k][32 outputs] i8
 *   q4_0       [N/32][K/32]: 32 f16 scales (64 bytes, as f16), then [32 k][4 words of 32 bits]:
 *              nibble j of word i is output 4j + i, as q - 8 in two's complement
 *
 * Rows that pad the last panel are zero. Scales of block types are never expanded in memory.
 * Source: GGUF and ggml's block formats for the stored forms; the panels are ours.
 */
import type { WeightType } from '../model/spec.ts';

export interface WeightTypeInfo {
  /** Inputs per block: the columns of a matrix must be a multiple of it. */
  blockColumns: number;
  /** Bytes of one block in a file, and (averaged over a panel) in SRAM. */
  blockBytes: number;
  /** Outputs per panel. */
  panelRows: number;
}

export const WEIGHT_TYPES: Readonly<Record<WeightType, WeightTypeInfo>> = {
  f32: { blockColumns: 1, blockBytes: 4, panelRows: 32 },
  f16: { blockColumns: 1, blockBytes: 2, panelRows: 32 },
  bf16: { blockColumns: 1, blockBytes: 2, panelRows: 32 },
  q8_0: { blockColumns: 32, blockBytes: 34, panelRows: 32 },
  q4_0: { blockColumns: 32, blockBytes: 18, panelRows: 32 },
};

/** Bytes of `columns` inputs of one stored row. */
export function storedRowBytes(type: WeightType, columns: number): number {
  const { blockColumns, blockBytes } = WEIGHT_TYPES[type];
  return (columns / blockColumns) * blockBytes;
}

/** Bytes of one packed panel. */
export function panelBytes(type: WeightType, columns: number): number {
  return storedRowBytes(type, columns) * WEIGHT_TYPES[type].panelRows;
}

/** Bytes of a packed matrix, padding included. */
export function packedBytes(type: WeightType, rows: number, columns: number): number {
  return Math.ceil(rows / WEIGHT_TYPES[type].panelRows) * panelBytes(type, columns);
}
