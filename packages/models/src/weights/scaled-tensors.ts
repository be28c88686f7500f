/**
 * Tensors of safetensors whose scales lie apart: 8-bit floats, and the MXFP4 experts of GPT-OSS.
 *
 *   x.weight F8_E4M3 or F8_E5M2 [N, K]     x.weight_scale_inv [N / 128, K / 128], rounded up, or
 *                                          x.weight_scale: one number, [N] or [N, 1]
 *   x_blocks U8 [E, N, K / 32, 16]         x_scales U8 [E, N, K / 32]
 *
 * Either scale is what a number is multiplied by, whatever its name says.
 * Source: transformers, quantizers for fine-grained FP8, compressed-tensors and MXFP4.
 */
import {
  BLOCK_FORMATS,
  isVector,
  WaferError,
  type ScalarType,
  type TensorShape,
} from '@wafer/core';
import type { TensorPlace } from '../families/tensor-places.ts';
import type { FileScales, FileTensor, StoredTensor } from '../source/source.ts';

type Find = (nameInFile: string) => StoredTensor | undefined;

const EIGHTS: ReadonlyMap<string, 'f8_e4m3' | 'f8_e5m2'> = new Map([
  ['F8_E4M3', 'f8_e4m3'],
  ['F8_E5M2', 'f8_e5m2'],
]);
const SCALE_TYPES: ReadonlyMap<string, ScalarType> = new Map([
  ['F32', 'f32'],
  ['F16', 'f16'],
  ['BF16', 'bf16'],
]);
const SCALE_SUFFIXES = ['_scale_inv', '_scale'];

/** Weights per side of a square with one scale. */
const SQUARE = 128;

/**
 * A canonical tensor whose numbers and scales lie apart; undefined where they do not.
 * Throws: TENSOR_MISSING, TENSOR_SHAPE, TENSOR_TYPE.
 */
export function trySplitTensor(
  path: string,
  shape: TensorShape,
  place: TensorPlace,
  find: Find,
): FileTensor | undefined {
  if (isVector(shape)) return undefined;
  const numbers = find(place.tensor);
  if (numbers !== undefined) {
    const type = EIGHTS.get(numbers.typeName);
    const isPlain = place.isTransposed !== true && place.isStacked !== true;
    return type && isPlain ? eightBits(path, shape, place, { numbers, type, find }) : undefined;
  }
  const blocks = find(`${place.tensor}_blocks`);
  return blocks && nibbles(path, shape, place, { blocks, find });
}

/** A matrix of 8-bit floats, whole or one of two that lie in a tensor. */
function eightBits(
  path: string,
  { name, role, use, rows, columns }: TensorShape,
  { tensor, fusion }: TensorPlace,
  of: { numbers: StoredTensor; type: 'f8_e4m3' | 'f8_e5m2'; find: Find },
): FileTensor {
  const { numbers, type, find } = of;
  const fileRows = fusion === undefined ? rows : rows * 2;
  expectShape(tensor, numbers.shape, [fileRows, columns]);
  checkBlocks(tensor, { rows, columns }, type);
  const scale = SCALE_SUFFIXES.map((suffix) => find(tensor + suffix)).find((found) => found);
  if (scale === undefined)
    throw new WaferError('TENSOR_MISSING', { path, tensor: `${tensor}_scale` });
  const isByTurns = fusion?.by === 'turns';
  const part = fusion?.part ?? 0;
  const firstRow = part * (isByTurns ? 1 : rows);
  const grid = gridOf(`${tensor}_scale`, scale, { fileRows, columns });
  if (isByTurns && grid.rowSpan < fileRows) {
    const supported = ['one scale for rows that lie by turns'];
    throw new WaferError('TENSOR_TYPE', { tensor, type: 'scales by rows', supported });
  }
  return {
    name,
    role,
    use,
    type,
    rows,
    columns,
    fileIndex: numbers.fileIndex,
    offset: numbers.offset + firstRow * columns,
    ...(isByTurns ? { rowStride: columns * 2 } : {}),
    scales: { ...grid, firstRow },
  };
}

function gridOf(
  tensor: string,
  scale: StoredTensor,
  { fileRows, columns }: { fileRows: number; columns: number },
): Omit<FileScales & { kind: 'grid' }, 'firstRow'> {
  const type = SCALE_TYPES.get(scale.typeName);
  if (type === undefined) {
    const supported = [...SCALE_TYPES.keys()];
    throw new WaferError('TENSOR_TYPE', { tensor, type: scale.typeName, supported });
  }
  const { fileIndex, offset, shape } = scale;
  const count = shape.reduce((product, size) => product * size, 1);
  const at = { kind: 'grid', fileIndex, offset, type, count } as const;
  const squares = [Math.ceil(fileRows / SQUARE), Math.ceil(columns / SQUARE)];
  const text = shape.join(' x ');
  if (count === 1) return { ...at, rowSpan: fileRows, columnSpan: columns, gridColumns: 1 };
  if (text === `${fileRows}` || text === `${fileRows} x 1`) {
    return { ...at, rowSpan: 1, columnSpan: columns, gridColumns: 1 };
  }
  const expected = squares.join(' x ');
  if (text !== expected) throw new WaferError('TENSOR_SHAPE', { tensor, actual: text, expected });
  return { ...at, rowSpan: SQUARE, columnSpan: SQUARE, gridColumns: squares[1] ?? 1 };
}

/** One expert's matrix in MXFP4, whole or every other row. */
function nibbles(
  path: string,
  { name, role, use, rows, columns }: TensorShape,
  { tensor, fusion, expert, isStacked }: TensorPlace,
  { blocks, find }: { blocks: StoredTensor; find: Find },
): FileTensor {
  const type = 'mxfp4';
  checkBlocks(tensor, { rows, columns }, type);
  const { blockColumns, blockBytes } = BLOCK_FORMATS[type];
  const exponents = find(`${tensor}_scales`);
  if (exponents === undefined) {
    throw new WaferError('TENSOR_MISSING', { path, tensor: `${tensor}_scales` });
  }
  for (const { typeName } of [blocks, exponents]) {
    if (typeName !== 'U8') {
      throw new WaferError('TENSOR_TYPE', { tensor, type: typeName, supported: ['U8'] });
    }
  }
  const fileRows = fusion === undefined ? rows : rows * 2;
  const perRow = columns / blockColumns;
  const outer = isStacked ? [blocks.shape[0] ?? 0] : [];
  expectShape(`${tensor}_blocks`, blocks.shape, [...outer, fileRows, perRow, blockBytes - 1]);
  expectShape(`${tensor}_scales`, exponents.shape, [...outer, fileRows, perRow]);
  if (isStacked && expert >= (blocks.shape[0] ?? 0)) {
    const [actual, expected] = [`${blocks.shape[0]} experts`, `more than ${expert}`];
    throw new WaferError('TENSOR_SHAPE', { tensor, actual, expected });
  }
  const isByTurns = fusion?.by === 'turns';
  const firstRow = expert * fileRows + (fusion?.part ?? 0) * (isByTurns ? 1 : rows);
  const step = isByTurns ? 2 : 1;
  const rowBytes = perRow * (blockBytes - 1);
  return {
    name,
    role,
    use,
    type,
    rows,
    columns,
    fileIndex: blocks.fileIndex,
    offset: blocks.offset + firstRow * rowBytes,
    rowStride: step * rowBytes,
    scales: {
      kind: 'exponents',
      fileIndex: exponents.fileIndex,
      offset: exponents.offset + firstRow * perRow,
      rowStride: step * perRow,
    },
  };
}

function expectShape(tensor: string, shape: readonly number[], wanted: readonly number[]): void {
  const [actual, expected] = [shape.join(' x '), wanted.join(' x ')];
  if (actual !== expected) throw new WaferError('TENSOR_SHAPE', { tensor, actual, expected });
}

function checkBlocks(
  tensor: string,
  { rows, columns }: { rows: number; columns: number },
  type: keyof typeof BLOCK_FORMATS,
): void {
  const { blockColumns } = BLOCK_FORMATS[type];
  if (columns % blockColumns === 0) return;
  const expected = `a multiple of ${blockColumns} columns for ${type}`;
  throw new WaferError('TENSOR_SHAPE', { tensor, actual: `${rows} x ${columns}`, expected });
}
