/**
 * The low-rank change of a linear layer: y[t, n] += Σ_r b[n, r] Σ_k a[r, k] x[t, k].
 *
 * Letters: T tokens, N outputs, K inputs, R the rank of a slot. The canonical order is that of the
 * layer: u = A x is one chain per rank over ascending k from +0; then each output of the layer is
 * the first value of one more chain, over ascending r. The factor alpha / rank is rounded into B
 * once, when it is loaded. So where B is 0, y keeps its bits, and ranks that an adapter leaves
 * empty change none.
 *
 * The inputs of a share are all that the tile has: whole in the column plan, so that bits do not
 * depend on tiles; own columns under Megatron, whose partial sums hold their part of the change.
 *
 * Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models".
 */
import { F32_BYTES, type OpCost } from './cost.ts';
import { multiplyAdd, type Rounding } from './fma.ts';

/** Outputs that lie side by side in a panel of A or B; ranks of a slot are whole panels. */
export const LOW_RANK_PANEL = 16;

/** Where the changes of a tile's share of a matrix lie, slot after slot. */
export interface LowRankPlace {
  /** Panels [R / 16][K][16] f32 of each slot. */
  a: number;
  /** Panels [N / 16][R][16] f32 of each slot; the last one may be cut. */
  b: number;
  /** i32 of each slot: whether its adapter changes this matrix. */
  used: number;
  rank: number; // R
}

/** A change as numbers: a [R, K], b [N, R] with its factor. */
export interface LowRankChange {
  a: Float32Array;
  b: Float32Array;
  rank: number;
}

/** Bytes that one slot takes of a share [N, K]. */
export function lowRankBytes(
  { rows, columns }: { rows: number; columns: number },
  rank: number,
): { a: number; b: number } {
  const panels = Math.ceil(rows / LOW_RANK_PANEL);
  return {
    a: rank * columns * F32_BYTES,
    b: panels * LOW_RANK_PANEL * rank * F32_BYTES,
  };
}

/** Adds a change to y. Shapes: y [T, N], x [T, K]. */
export function addLowRank(
  y: Float32Array,
  { a, b, rank }: LowRankChange,
  x: Float32Array,
  { tokenCount, rounding }: { tokenCount: number; rounding: Rounding },
): void {
  const fma = multiplyAdd(rounding);
  const [rows, columns] = [b.length / rank, a.length / rank];
  const u = new Float32Array(rank);
  for (let t = 0; t < tokenCount; t++) {
    for (let r = 0; r < rank; r++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum = fma(a[r * columns + k]!, x[t * columns + k]!, sum);
      u[r] = sum;
    }
    for (let n = 0; n < rows; n++) {
      let sum = y[t * rows + n]!;
      for (let r = 0; r < rank; r++) sum = fma(b[n * rank + r]!, u[r]!, sum);
      y[t * rows + n] = sum;
    }
  }
}

/** Cost of the changes of some rows: each adapter's matrices are read once. */
export function lowRankCost(
  { rows, columns }: { rows: number; columns: number },
  use: { rank: number; tokenCount: number; adapterCount: number },
): OpCost {
  const { rank, tokenCount, adapterCount } = use;
  return {
    flops: 2 * tokenCount * rank * (rows + columns),
    weightBytes: F32_BYTES * adapterCount * rank * (rows + columns),
    activationBytes: F32_BYTES * tokenCount * (2 * rows + columns),
  };
}
