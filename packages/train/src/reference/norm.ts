/**
 * RMS norm of pieces of a row, and its way back. Letters: T tokens, P pieces of a row, W width.
 *
 *   r = 1 / √(Σ x² / W + ε)         y = (x · r) · gain
 *   s = Σ (dy · gain) x             dx = r · (dy · gain) - x · (r³ · s / W)
 *   dgain[d] = Σ dy · (x · r)       tokens in lanes; of a token, pieces in ascending order
 *
 * Sums over a piece are chains in ascending order.
 */
import { tokenLanes } from './arithmetic.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';

export interface NormShape {
  tokenCount: number;
  /** Pieces of a row, P. */
  pieces: number;
  /** Elements of a piece, W. */
  width: number;
  epsilon: number;
}

/** Shapes: y, x [T, P, W]; gain [W], undefined: all ones. */
export function normForward(
  arithmetic: Arithmetic,
  y: Numbers,
  x: Numbers,
  gain: Numbers | undefined,
  shape: NormShape,
): void {
  const { round } = arithmetic;
  const { tokenCount, pieces, width } = shape;
  for (let piece = 0; piece < tokenCount * pieces; piece++) {
    const start = piece * width;
    const r = inverseRms(arithmetic, x, start, shape);
    for (let d = 0; d < width; d++) {
      const scaled = round(x[start + d]! * r);
      y[start + d] = gain === undefined ? scaled : scaled * gain[d]!;
    }
  }
}

/** Adds to dx, or writes it. Shapes: dx, dy, x [T, P, W]; gain [W]. dx may be dy. */
export function normInputs(
  arithmetic: Arithmetic,
  dx: Numbers,
  { dy, x, gain }: { dy: Numbers; x: Numbers; gain: Numbers | undefined },
  shape: NormShape & { adds: boolean },
): void {
  const { round, fma } = arithmetic;
  const { tokenCount, pieces, width } = shape;
  for (let piece = 0; piece < tokenCount * pieces; piece++) {
    const start = piece * width;
    const r = inverseRms(arithmetic, x, start, shape);
    const scaledAt = (d: number): number =>
      gain === undefined ? dy[start + d]! : round(dy[start + d]! * gain[d]!);
    let s = 0;
    for (let d = 0; d < width; d++) s = fma(scaledAt(d), x[start + d]!, s);
    const cube = round(round(r * r) * r);
    const factor = -round(cube * round(s / width));
    for (let d = 0; d < width; d++) {
      const value = fma(x[start + d]!, factor, round(r * scaledAt(d)));
      dx[start + d] = shape.adds ? dx[start + d]! + value : value;
    }
  }
}

/** Shapes: dgain [W]; dy, x [T, P, W]. */
export function normGain(
  arithmetic: Arithmetic,
  dgain: Numbers,
  dy: Numbers,
  x: Numbers,
  shape: NormShape,
): void {
  const { round, fma } = arithmetic;
  const { tokenCount, pieces, width } = shape;
  const inverse = arithmetic.create(tokenCount * pieces);
  for (let i = 0; i < inverse.length; i++) inverse[i] = inverseRms(arithmetic, x, i * width, shape);
  for (let d = 0; d < width; d++) {
    dgain[d] = tokenLanes(arithmetic, tokenCount, (sum, t) => {
      for (let piece = t * pieces; piece < (t + 1) * pieces; piece++) {
        const at = piece * width + d;
        sum = fma(dy[at]!, round(x[at]! * inverse[piece]!), sum);
      }
      return sum;
    });
  }
}

function inverseRms(
  { round, fma }: Arithmetic,
  x: Numbers,
  start: number,
  { width, epsilon }: NormShape,
): number {
  let squares = 0;
  for (let d = 0; d < width; d++) squares = fma(x[start + d]!, x[start + d]!, squares);
  const mean = round(squares / width);
  return round(1 / round(Math.sqrt(round(mean + round(epsilon)))));
}
