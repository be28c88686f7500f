/**
 * Reads rows of matrices with a low-rank change added: W + scale · B A.
 *
 *     W [rows, columns]  stored in any type     A [rank, columns]     B [rows, rank]
 *
 * Rows come as f32: the change is summed in f64 and rounded once, so where B is 0 they are the
 * stored values. Each element is a function of its place, whichever tile asks.
 */
import { assert, dequantizeRow, storedRowBytes } from '@wafer/core';
import type { FileTensor, LowRank, WeightRange, WeightReader } from '../source/source.ts';

export class AdaptingReader implements WeightReader {
  readonly #stored: WeightReader;
  readonly #tensors: Readonly<Record<string, FileTensor>>;
  readonly #changes: Readonly<Record<string, LowRank>>;
  /** The A of the tensor that was read last. */
  #low: { name: string; values: Float32Array } | undefined;

  /** `tensors` are as stored, A and B of each change among them. */
  constructor(
    stored: WeightReader,
    tensors: Readonly<Record<string, FileTensor>>,
    changes: Readonly<Record<string, LowRank>>,
  ) {
    this.#stored = stored;
    this.#tensors = tensors;
    this.#changes = changes;
  }

  readRows(name: string, range: WeightRange, target: Uint8Array): void {
    const change = this.#changes[name];
    if (change === undefined) return this.#stored.readRows(name, range, target);
    const { row, rowCount, column, columnCount } = range;
    const low = this.#lowOf(change);
    const width = low.length / change.rank;
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (let i = 0; i < rowCount; i++) {
      const values = this.#row(name, row + i);
      const high = this.#row(change.b.name, change.rowOrder?.[row + i] ?? row + i);
      for (let k = 0; k < columnCount; k++) {
        let sum = 0;
        for (let r = 0; r < change.rank; r++) sum += high[r]! * low[r * width + column + k]!;
        const value = values[column + k]! + change.scale * sum;
        view.setFloat32((i * columnCount + k) * 4, value, true);
      }
    }
  }

  readVector(name: string): Float32Array {
    return this.#stored.readVector(name);
  }

  takeLoss(): undefined {
    return undefined;
  }

  close(): void {
    this.#stored.close();
  }

  #lowOf({ a }: LowRank): Float32Array {
    if (this.#low?.name === a.name) return this.#low.values;
    const values = new Float32Array(a.rows * a.columns);
    for (let r = 0; r < a.rows; r++) values.set(this.#row(a.name, r), r * a.columns);
    this.#low = { name: a.name, values };
    return values;
  }

  /** A stored row, widened. */
  #row(name: string, row: number): Float32Array {
    const tensor = this.#tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    const { type, columns } = tensor;
    const stored = new Uint8Array(storedRowBytes(type, columns));
    const range = { row, rowCount: 1, column: 0, columnCount: columns };
    this.#stored.readRows(name, range, stored);
    const values = new Float32Array(columns);
    dequantizeRow(values, { type, rows: 1, columns, stored }, 0);
    return values;
  }
}
