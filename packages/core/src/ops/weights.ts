/**
 * Reads stored weights one by one: the plain counterpart of what the kernels do in panels.
 *
 * `stored` is row-major as in a file, `storedRowBytes(type, K)` per row.
 */
import type { WeightType } from '../model/spec.ts';
import { blockScale, BLOCK_COLUMNS, q4Integer, q8Integer } from './blocks.ts';
import { bf16ToF32, f16ToF32 } from './half.ts';
import { storedRowBytes, WEIGHT_TYPES } from './weight-types.ts';

/** A stored matrix, [rows, columns] = [N, K]. */
export interface StoredMatrix {
  type: WeightType;
  rows: number;
  columns: number;
  stored: Uint8Array;
}

/** Weight types that hold one number per input. */
export type ScalarType = 'f32' | 'f16' | 'bf16';

/** One weight of a row that starts at byte `offset`, exact as f32. */
export function scalarWeight(
  type: ScalarType,
  stored: Uint8Array,
  offset: number,
  column: number,
): number {
  const bytes = new DataView(stored.buffer, stored.byteOffset + offset);
  if (type === 'f32') return bytes.getFloat32(column * 4, true);
  const half = bytes.getUint16(column * 2, true);
  return type === 'f16' ? f16ToF32(half) : bf16ToF32(half);
}

/** One row of a stored matrix as f32: y[k] = w[row, k]; block types multiply by their scale. */
export function dequantizeRow(y: Float32Array, matrix: StoredMatrix, row: number): void {
  const { type, columns, stored } = matrix;
  const start = row * storedRowBytes(type, columns);
  if (type === 'f32' || type === 'f16' || type === 'bf16') {
    for (let k = 0; k < columns; k++) y[k] = scalarWeight(type, stored, start, k);
    return;
  }
  const integer = type === 'q8_0' ? q8Integer : q4Integer;
  for (let k = 0; k < columns; k++) {
    const block = start + Math.floor(k / BLOCK_COLUMNS) * WEIGHT_TYPES[type].blockBytes;
    y[k] = integer(stored, block, k % BLOCK_COLUMNS) * blockScale(stored, block);
  }
}
