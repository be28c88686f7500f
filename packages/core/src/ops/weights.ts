/**
 * Reads stored weights one by one: the plain counterpart of what the kernels do in panels.
 *
 * `stored` is row-major as in a file, `storedRowBytes(type, K)` per row.
 */
import type { WeightType } from '../model/spec.ts';
import { BLOCK_FORMATS, type ScalarType } from '../blocks/formats.ts';
import { bf16ToF32, f16ToF32 } from '../blocks/half.ts';
import { storedRowBytes } from './weight-types.ts';

/** A stored matrix, [rows, columns] = [N, K]. */
export interface StoredMatrix {
  type: WeightType;
  rows: number;
  columns: number;
  stored: Uint8Array;
}

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

/** One row of a stored matrix as f32: y[k] = w[row, k] = integer · scale (+ minimum). */
export function dequantizeRow(y: Float32Array, matrix: StoredMatrix, row: number): void {
  const { type, columns, stored } = matrix;
  const start = row * storedRowBytes(type, columns);
  if (type === 'f32' || type === 'f16' || type === 'bf16') {
    for (let k = 0; k < columns; k++) y[k] = scalarWeight(type, stored, start, k);
    return;
  }
  const format = BLOCK_FORMATS[type];
  const { blockColumns, groupColumns, blockBytes } = format;
  for (let k = 0; k < columns; k += groupColumns) {
    const block = start + Math.floor(k / blockColumns) * blockBytes;
    const first = k % blockColumns;
    const scale = format.scale(stored, block, first / groupColumns);
    const minimum = format.minimum?.(stored, block, first / groupColumns);
    for (let i = 0; i < groupColumns; i++) {
      const value = Math.fround(format.integer(stored, block, first + i) * scale);
      y[k + i] = minimum === undefined ? value : value + minimum;
    }
  }
}
