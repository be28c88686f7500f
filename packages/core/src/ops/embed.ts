/**
 * Embedding: y[t] = row token[t] of the table. Letters: T tokens, D width, V vocab.
 */
import { assert } from '../errors.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { F32_BYTES, type OpCost } from './cost.ts';
import type { OpRoom } from './op.ts';
import type { PackedMatrix, Rows } from './operands.ts';
import { rowsOwned } from './step-shape.ts';
import { storedRowBytes } from './weight-types.ts';
import { dequantizeRow, type StoredMatrix } from './weights.ts';

/** output[t] = table[token[t]]. */
export interface EmbedOp {
  op: 'embed';
  output: NetworkValue;
  table: NetworkTensor;
}

/** target[t] = table[token[t] - firstId] for the tokens this tile owns. */
export interface EmbedInstruction {
  op: 'embed';
  table: PackedMatrix;
  firstId: number;
  target: Rows;
}

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

export const EMBED: OpRoom<EmbedOp, EmbedInstruction> = {
  flow: ({ output, table }) => ({ reads: [], writes: [output], tensors: [table] }),
  reference: ({ output, table }, pass) =>
    embed(pass.create(output), pass.tensors.matrix(table.name), pass.tokens),
  lower: ({ output, table }, operands) => {
    const { matrix, firstId } = operands.table(table);
    assert(matrix !== undefined, 'a tile embeds tokens of its own', { firstId });
    return { op: 'embed', table: matrix, firstId, target: operands.rows(output) };
  },
  use: ({ table, firstId: start }, { step }) => {
    const owned = rowsOwned(step, { start, count: table.rows });
    return { cost: embedCost(table, owned), floor: 'none', weights: table.type };
  },
};
