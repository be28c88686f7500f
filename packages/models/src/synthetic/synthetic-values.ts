/**
 * Random weights as a function of (seed, tensor, row, column): any tile makes any range alone.
 *
 * A row has a key, and each group of columns one hash of key and group number. Values are uniform
 * with standard deviation 1 / √columns, which keeps activations and logits of sane size; norms
 * are near 1. Block types get varying scales, so that a misplaced block changes the result.
 *
 *     f32, f16, bf16   one hash per column, 24 bits of it
 *     block types      one hash per block for its scales, one for each four other bytes
 *
 * Source: the finalizer of MurmurHash3 (Appleby), which mixes all 32 bits.
 */
import {
  assert,
  type BlockType,
  isVector,
  storedRowBytes,
  type TensorInfo,
  WEIGHT_TYPES,
  type WeightType,
} from '@wafer/core';
import { syntheticBlock } from './synthetic-blocks.ts';

/** Odd, so that multiples of it visit all 32-bit numbers: 2^32 / golden ratio. */
const GOLDEN = 0x9e3779b9;

/** Columns first, columns end of a row that starts at `offset` of the target. */
interface Span {
  column: number;
  columnCount: number;
  offset: number;
}

/** Mixes a 32-bit number so that every bit depends on all. */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Writes the rows of a tensor in stored form. Shapes: target [rowCount, stored columns]. */
export function writeSyntheticRows(
  seed: number,
  tensor: TensorInfo,
  range: { row: number; rowCount: number; column: number; columnCount: number },
  target: Uint8Array,
): void {
  const rowBytes = storedRowBytes(tensor.type, range.columnCount);
  const tensorKey = keyOf(seed, tensor.name);
  const write = writerOf(tensor.type);
  // Uniform on ±1 has deviation 1/√3. Vectors stay within a quarter of 1 (norms) or 0.
  const scale = isVector(tensor) ? 0.25 : Math.sqrt(3 / tensor.columns);
  const center = tensor.use === 'norm' ? 1 : 0;
  const { column, columnCount } = range;
  for (let index = 0; index < range.rowCount; index++) {
    const rowKey = mix(tensorKey + Math.imul(range.row + index, GOLDEN));
    write(target, rowKey, { column, columnCount, offset: index * rowBytes }, { scale, center });
  }
}

function keyOf(seed: number, name: string): number {
  let key = mix(seed ^ 0x57414645);
  for (let index = 0; index < name.length; index++) key = mix(key ^ name.charCodeAt(index));
  return key;
}

interface Spread {
  scale: number;
  center: number;
}

type RowWriter = (target: Uint8Array, rowKey: number, span: Span, spread: Spread) => void;

function writerOf(type: WeightType): RowWriter {
  if (type === 'f32') return writeF32;
  if (type === 'f16') return writeF16;
  if (type === 'bf16') return writeBf16;
  return (target, rowKey, span, spread) => writeBlocks(type, target, rowKey, span, spread);
}

/** The value of one column: 24 bits of its hash, on (-scale, scale) around the center. */
function valueAt(rowKey: number, column: number, { scale, center }: Spread): number {
  const bits = mix(rowKey + Math.imul(column, GOLDEN)) >> 7;
  return center + (bits / 2 ** 24) * scale;
}

function writeF32(target: Uint8Array, rowKey: number, span: Span, spread: Spread): void {
  const start = target.byteOffset + span.offset;
  const { column, columnCount } = span;
  if (start % 4 === 0) {
    const floats = new Float32Array(target.buffer, start, columnCount);
    for (let i = 0; i < columnCount; i++) floats[i] = valueAt(rowKey, column + i, spread);
    return;
  }
  const view = new DataView(target.buffer, start);
  for (let i = 0; i < columnCount; i++) {
    view.setFloat32(i * 4, valueAt(rowKey, column + i, spread), true);
  }
}

/** Rows of 16-bit types are made as f32 first, this many columns at a time. */
const HALF_CHUNK = 4096;
const floats = new Float32Array(HALF_CHUNK);
const floatWords = new Uint32Array(floats.buffer);
const halves = new Float16Array(HALF_CHUNK);
const halfBytes = new Uint8Array(halves.buffer);

function writeF16(target: Uint8Array, rowKey: number, span: Span, spread: Spread): void {
  for (let done = 0; done < span.columnCount; done += HALF_CHUNK) {
    const count = Math.min(HALF_CHUNK, span.columnCount - done);
    for (let i = 0; i < count; i++) floats[i] = valueAt(rowKey, span.column + done + i, spread);
    halves.set(floats.subarray(0, count));
    target.set(halfBytes.subarray(0, count * 2), span.offset + done * 2);
  }
}

function writeBf16(target: Uint8Array, rowKey: number, span: Span, spread: Spread): void {
  for (let done = 0; done < span.columnCount; done += HALF_CHUNK) {
    const count = Math.min(HALF_CHUNK, span.columnCount - done);
    for (let i = 0; i < count; i++) floats[i] = valueAt(rowKey, span.column + done + i, spread);
    for (let i = 0; i < count; i++) {
      // Nearest, ties to even: the values are finite and far from overflow.
      const word = floatWords[i] ?? 0;
      const half = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
      target[span.offset + (done + i) * 2] = half & 0xff;
      target[span.offset + (done + i) * 2 + 1] = half >>> 8;
    }
  }
}

function writeBlocks(
  type: BlockType,
  target: Uint8Array,
  rowKey: number,
  span: Span,
  spread: Spread,
): void {
  const { blockColumns, blockBytes } = WEIGHT_TYPES[type];
  assert(span.column % blockColumns === 0, 'columns are whole blocks', { ...span });
  const firstBlock = span.column / blockColumns;
  const blockCount = span.columnCount / blockColumns;
  const write = syntheticBlock(type, spread.scale / Math.sqrt(3));
  for (let block = 0; block < blockCount; block++) {
    const hashOf = (index: number, count: number): number =>
      mix(rowKey + Math.imul((firstBlock + block) * count + index, GOLDEN));
    write(target, span.offset + block * blockBytes, hashOf);
  }
}
