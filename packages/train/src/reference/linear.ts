/**
 * Linear layer and its way back. Letters: T tokens, N outputs, K inputs.
 *
 *   y[t, n]  = Σ_k w[n, k] x[t, k]       one chain over ascending k
 *   dx[t, k] = Σ_n w[n, k] dy[t, n]      one chain over ascending n, from what dx holds
 *   dw[n, k] = Σ_t dy[t, n] x[t, k]      one chain over ascending t
 */
import { tokenLanes } from './arithmetic.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export interface LinearShape {
  tokenCount: number;
  rows: number; // N
  columns: number; // K
}

/** Shapes: y [T, N], w [N, K], x [T, K]. */
export function linearForward(
  { fma }: Arithmetic,
  y: Numbers,
  w: Numbers,
  x: Numbers,
  { tokenCount, rows, columns }: LinearShape,
): void {
  for (let t = 0; t < tokenCount; t++) {
    for (let n = 0; n < rows; n++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum = fma(w[n * columns + k]!, x[t * columns + k]!, sum);
      y[t * rows + n] = sum;
    }
  }
}

/** dx continues from what it holds. Shapes: dx [T, K], w [N, K], dy [T, N]. */
export function linearInputs(
  { fma }: Arithmetic,
  dx: Numbers,
  w: Numbers,
  dy: Numbers,
  { tokenCount, rows, columns }: LinearShape,
): void {
  for (let t = 0; t < tokenCount; t++) {
    for (let k = 0; k < columns; k++) {
      let sum = dx[t * columns + k]!;
      for (let n = 0; n < rows; n++) sum = fma(w[n * columns + k]!, dy[t * rows + n]!, sum);
      dx[t * columns + k] = sum;
    }
  }
}

/** Shapes: dw [N, K], dy [T, N], x [T, K]. */
export function linearWeights(
  { fma }: Arithmetic,
  dw: Numbers,
  dy: Numbers,
  x: Numbers,
  { tokenCount, rows, columns }: LinearShape,
): void {
  for (let n = 0; n < rows; n++) {
    for (let k = 0; k < columns; k++) {
      let sum = 0;
      for (let t = 0; t < tokenCount; t++) {
        sum = fma(dy[t * rows + n]!, x[t * columns + k]!, sum);
      }
      dw[n * columns + k] = sum;
    }
  }
}

/** db[n] = Σ_t dy[t, n], tokens in lanes. */
export function biasGradient(
  arithmetic: Arithmetic,
  db: Numbers,
  dy: Numbers,
  tokenCount: number,
): void {
  const rows = db.length;
  for (let n = 0; n < rows; n++) {
    const step = (sum: number, t: number): number => arithmetic.round(sum + dy[t * rows + n]!);
    db[n] = tokenLanes(arithmetic, tokenCount, step);
  }
}
