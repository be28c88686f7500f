/**
 * The stored rows of a tensor in another weight type or another rotary layout, piece by piece.
 *
 * A row that keeps its type is copied bit by bit; else it goes through f32. Query and key rows
 * move when the layout changes, as the pair of a rotation lies elsewhere:
 *
 *     halves   a0 a1 a2 b0 b1 b2          pairs   a0 b0 a1 b1 a2 b2          (a, b rotate together)
 */
import {
  dequantizeRow,
  f32ToBf16,
  f32ToF16,
  quantizeBlocks,
  storedRowBytes,
  type ModelSpec,
  type TensorInfo,
  type TensorRole,
  type WeightType,
} from '@wafer/core';
import type { WeightReader } from '../source/source.ts';

type Layout = ModelSpec['rope']['layout'];

/** Rows are handed on in pieces of about this size. */
const PIECE_BYTES = 1024 * 1024;

/** A tensor on its way to a file. */
export interface OutputTensor {
  /** As stored in the target. */
  info: TensorInfo;
  writeTo(write: (bytes: Uint8Array) => void): void;
}

/** Which source row goes to each row of a tensor; undefined where all stay. */
export function rowOrder(
  spec: ModelSpec,
  tensor: { role: Pick<TensorRole, 'isRotated'> },
  layout: Layout,
): ((row: number) => number) | undefined {
  if (spec.rope.layout === layout || !tensor.role.isRotated) return undefined;
  const { headWidth } = spec;
  const { rotaryWidth } = spec.rope;
  const half = rotaryWidth / 2;
  return (row) => {
    const place = row % headWidth;
    if (place >= rotaryWidth) return row;
    const inPairs = (place % 2) * half + Math.floor(place / 2);
    const inHalves = (place % half) * 2 + Math.floor(place / half);
    return row - place + (layout === 'pairs' ? inPairs : inHalves);
  };
}

/** Hands on a vector as f32. Shapes: [1, columns]. */
export function writeVector(
  reader: WeightReader,
  tensor: TensorInfo,
  order: ((row: number) => number) | undefined,
  write: (bytes: Uint8Array) => void,
): void {
  const values = reader.readVector(tensor.name);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    view.setFloat32(i * 4, values[order?.(i) ?? i] ?? 0, true);
  }
  write(bytes);
}

/** Hands on the rows of a matrix in stored form of `type`. */
export function writeMatrix(
  reader: WeightReader,
  tensor: TensorInfo,
  target: { type: WeightType; order: ((row: number) => number) | undefined },
  write: (bytes: Uint8Array) => void,
): void {
  const { name, rows, columns } = tensor;
  const sourceBytes = storedRowBytes(tensor.type, columns);
  const pieceRows = Math.max(1, Math.min(rows, Math.floor(PIECE_BYTES / sourceBytes)));
  const piece = new Uint8Array(pieceRows * sourceBytes);
  for (let row = 0; row < rows; row += pieceRows) {
    const rowCount = Math.min(pieceRows, rows - row);
    const stored = piece.subarray(0, rowCount * sourceBytes);
    const range = { column: 0, columnCount: columns };
    if (target.order === undefined) reader.readRows(name, { row, rowCount, ...range }, stored);
    else {
      for (let i = 0; i < rowCount; i++) {
        const bytes = stored.subarray(i * sourceBytes, (i + 1) * sourceBytes);
        reader.readRows(name, { row: target.order(row + i), rowCount: 1, ...range }, bytes);
      }
    }
    const isSame = target.type === tensor.type;
    write(isSame ? stored : convert({ ...tensor, rows: rowCount, stored }, target.type));
  }
}

/** Rows in another type, rounded to nearest or quantized as ggml's reference does. */
export function convert(
  matrix: { type: WeightType; rows: number; columns: number; stored: Uint8Array },
  type: WeightType,
): Uint8Array {
  const { rows, columns } = matrix;
  const rowBytes = storedRowBytes(type, columns);
  const target = new Uint8Array(rows * rowBytes);
  const values = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    dequantizeRow(values, matrix, row);
    storeRow(type, values, target, row * rowBytes);
  }
  return target;
}

function storeRow(
  type: WeightType,
  values: Float32Array,
  target: Uint8Array,
  offset: number,
): void {
  const view = new DataView(target.buffer, target.byteOffset + offset);
  if (type === 'f32') return values.forEach((value, i) => view.setFloat32(i * 4, value, true));
  if (type === 'f16' || type === 'bf16') {
    const narrow = type === 'f16' ? f32ToF16 : f32ToBf16;
    return values.forEach((value, i) => view.setUint16(i * 2, narrow(value), true));
  }
  quantizeBlocks(type, target, offset, values);
}
