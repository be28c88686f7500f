/**
 * Low-rank adapters of matrices, as a training program has them.
 */
import type { NetworkTensor } from '@wafer/core';

/** A low-rank change of one matrix: W + scale · B A. Shapes: A [rank, in], B [out, rank]. */
export interface Adapter {
  target: NetworkTensor;
  a: NetworkTensor;
  b: NetworkTensor;
  scale: number;
  /** Share of its inputs that a step of training drops; 0: none. */
  dropout: number;
  /** Its place in the order layer, target as listed; those of experts follow, by expert. */
  index: number;
}

/** Which matrices are adapted, by kind, and how. */
export interface AdapterSettings {
  rank: number;
  alpha: number;
  targets: readonly string[];
  /** Share of inputs that a step drops, seeded (default: 0). */
  dropout?: number | undefined;
}

/** The adapter of a matrix. */
export function adapterOf(
  target: NetworkTensor,
  { rank, alpha, dropout = 0 }: AdapterSettings,
  index: number,
): Adapter {
  const matrix = (part: 'a' | 'b', rows: number, columns: number): NetworkTensor => ({
    ...target,
    name: `${target.name}.lora.${part}`,
    kind: `lora.${part}`,
    rows,
    columns,
  });
  return {
    target,
    a: matrix('a', rank, target.columns),
    b: matrix('b', target.rows, rank),
    scale: alpha / rank,
    dropout,
    index,
  };
}
