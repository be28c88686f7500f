/**
 * Embedding: y[t] = row token[t] of the table. Letters: T tokens, D width, V vocab.
 */
import { F32_BYTES, type OpCost } from './cost.ts';
import { storedRowBytes } from './weight-types.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

/** y[t] = table[tokens[t]]. Shapes: table [V, D], y [T, D]. */
export function embed(y: Float32Array, table: StoredMatrix, tokens: Int32Array): void {
  const width = table.columns;
  tokens.forEach((token, t) => {
    dequantizeRow(y.subarray(t * width, (t + 1) * width), table, token);
  });
}

/** Cost of embedding: reads and writes one row per token. */
export function embedCost(
  table: Pick<StoredMatrix, 'type' | 'columns'>,
  tokenCount: number,
): OpCost {
  return {
    flops: 0,
    weightBytes: tokenCount * storedRowBytes(table.type, table.columns),
    activationBytes: F32_BYTES * tokenCount * table.columns,
  };
}
