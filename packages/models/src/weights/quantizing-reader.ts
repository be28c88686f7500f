/**
 * Reads rows of one type as rows of another: quantized on the way, and the loss added up.
 *
 * The bits are those that `writeModel` puts into a file of that type: every block of 32 inputs goes
 * through the same reference quantizer, alone, so that it does not matter which tile asks.
 */
import { assert, BLOCK_FORMATS, isBlockType, storedRowBytes, WaferError } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import type { SourceTensor, WeightLoss, WeightRange, WeightReader } from '../source/source.ts';

/** As `dequantizeRow` does, but a row at once: it is half of the work. `span` is aligned. */
function widen(values: Float32Array, type: WeightType, span: Uint8Array, offset: number): void {
  const { buffer } = span;
  if (type === 'f32') return values.set(new Float32Array(buffer, offset, values.length));
  if (type === 'f16') return values.set(new Float16Array(buffer, offset, values.length));
  assert(type === 'bf16', 'plain types are quantized', { type });
  const halves = new Uint16Array(buffer, offset, values.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
}

/** Stored rows are taken in spans of about this size. */
const SPAN_BYTES = 256 * 1024;

export class QuantizingReader implements WeightReader {
  readonly #stored: WeightReader;
  readonly #tensors: Readonly<Record<string, SourceTensor>>;
  #span = new Uint8Array(0);
  #loss: WeightLoss = { errorSquares: 0, squares: 0 };

  /** `stored` reads rows as they are stored; `tensors` say what they become. */
  constructor(stored: WeightReader, tensors: Readonly<Record<string, SourceTensor>>) {
    this.#stored = stored;
    this.#tensors = tensors;
  }

  readRows(name: string, range: WeightRange, target: Uint8Array): void {
    const tensor = this.#tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    const { type, storedType } = tensor;
    if (storedType === undefined) return this.#stored.readRows(name, range, target);
    const { row, rowCount, columnCount } = range;
    const fromBytes = storedRowBytes(storedType, columnCount);
    const toBytes = storedRowBytes(type, columnCount);
    const spanRows = Math.max(1, Math.min(rowCount, Math.floor(SPAN_BYTES / fromBytes)));
    if (this.#span.length < spanRows * fromBytes) this.#span = new Uint8Array(spanRows * fromBytes);
    const values = new Float32Array(columnCount);
    for (let done = 0; done < rowCount; done += spanRows) {
      const rows = Math.min(spanRows, rowCount - done);
      this.#stored.readRows(name, { ...range, row: row + done, rowCount: rows }, this.#span);
      for (let i = 0; i < rows; i++) {
        widen(values, storedType, this.#span, i * fromBytes);
        const isFinite = this.#quantize(type, values, target, (done + i) * toBytes);
        if (!isFinite) throw new WaferError('TENSOR_NOT_FINITE', { tensor: name });
      }
    }
  }

  readVector(name: string): Float32Array {
    return this.#stored.readVector(name);
  }

  /** What was lost since the last call; undefined where nothing was quantized. */
  takeLoss(): WeightLoss | undefined {
    const loss = this.#loss;
    this.#loss = { errorSquares: 0, squares: 0 };
    return loss.squares > 0 ? loss : undefined;
  }

  close(): void {
    this.#stored.close();
  }

  /** Writes one row; whether all of it was finite. */
  #quantize(
    type: SourceTensor['type'],
    values: Float32Array,
    target: Uint8Array,
    offset: number,
  ): boolean {
    assert(isBlockType(type), 'weights are quantized to blocks', { type });
    const { blockColumns, blockBytes, integer, scale: scaleOf, quantize } = BLOCK_FORMATS[type];
    assert(quantize !== undefined, 'the type has a quantizer', { type });
    let [errorSquares, squares] = [0, 0];
    let at = offset;
    for (let column = 0; column < values.length; column += blockColumns) {
      quantize(target, at, values.subarray(column, column + blockColumns));
      const scale = scaleOf(target, at, 0);
      for (let i = 0; i < blockColumns; i++) {
        const value = values[column + i] as number;
        const error = value - integer(target, at, i) * scale;
        errorSquares += error * error;
        squares += value * value;
      }
      at += blockBytes;
    }
    this.#loss.errorSquares += errorSquares;
    this.#loss.squares += squares;
    return Number.isFinite(squares);
  }
}
