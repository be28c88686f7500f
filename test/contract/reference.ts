/**
 * The plain forward pass of `@wafer/core` over the weights of a model.
 */
import { referenceLogits, storedRowBytes } from '@wafer/core';
import type { ReferenceTensors, Rounding, StoredMatrix } from '@wafer/core';
import { openReader } from '@wafer/models';
import type { Model } from '@wafer/runtime';

/** Logits after each token: [T] of [V]. */
export function referenceOf(
  model: Model,
  tokens: readonly number[],
  rounding: Rounding = 'fused',
  change?: ReferenceTensors['change'],
): Float32Array[] {
  const reader = openReader(model.source);
  const tensors: ReferenceTensors = {
    vector: (name) => reader.readVector(name),
    matrix: (name): StoredMatrix => {
      const { type, rows, columns } = model.source.tensors[name]!;
      const stored = new Uint8Array(rows * storedRowBytes(type, columns));
      const range = { row: 0, rowCount: rows, column: 0, columnCount: columns };
      reader.readRows(name, range, stored);
      return { type, rows, columns, stored };
    },
    ...(change && { change }),
  };
  try {
    return referenceLogits({ spec: model.spec, tensors, rounding }, tokens);
  } finally {
    reader.close();
  }
}
