/**
 * Low-rank adapters in the reference, both ways: of the rows of tokens, or of those of one expert.
 *
 *   low = scale · (A drop(x))      y += B low
 */
import type { Adapter } from '../network/adapter.ts';
import type { Numbers } from './arithmetic.ts';
import { linearForward, linearInputs, linearWeights } from './linear.ts';
import type { RowPass } from './pass.ts';

/** Values of rows. Shapes: x [T, in]; low [T, rank]; high, y [T, out]. */
interface AdaptedRows {
  x: Numbers;
  low: Numbers;
  high: Numbers;
  y: Numbers;
  tokenCount: number;
}

/** Writes low and high, and adds high to y. */
export function adaptForward(adapter: Adapter, rows: AdaptedRows, pass: RowPass): void {
  const { low, high, y, tokenCount } = rows;
  const { a, b, scale } = adapter;
  const x = pass.drop(rows.x, adapter);
  linearForward(pass.a, low, pass.weight(a), x, { tokenCount, ...a });
  for (let i = 0; i < low.length; i++) low[i] = low[i]! * pass.a.round(scale);
  linearForward(pass.a, high, pass.weight(b), low, { tokenCount, ...b });
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + high[i]!;
}

/** Values and gradients of rows, shaped as their values; dx is written, or added to. */
interface AdaptedBack extends Pick<AdaptedRows, 'x' | 'low' | 'tokenCount'> {
  dy: Numbers;
  dLow: Numbers;
  dx: Numbers;
  adds: boolean;
}

/** Gradients of A, B, low and x. */
export function adaptBackward(adapter: Adapter, rows: AdaptedBack, pass: RowPass): void {
  const { x, low, dy, dLow, dx, adds, tokenCount } = rows;
  const { a, b, scale } = adapter;
  linearWeights(pass.a, pass.learned(b), dy, low, { tokenCount, ...b });
  linearInputs(pass.a, dLow, pass.weight(b), dy, { tokenCount, ...b });
  for (let i = 0; i < dLow.length; i++) dLow[i] = dLow[i]! * pass.a.round(scale);
  const kept = pass.drop(x, adapter);
  linearWeights(pass.a, pass.learned(a), dLow, kept, { tokenCount, ...a });
  if (kept === x) return linearInputs(pass.a, dx, pass.weight(a), dLow, { tokenCount, ...a });
  const dKept = pass.a.create(x.length);
  linearInputs(pass.a, dKept, pass.weight(a), dLow, { tokenCount, ...a });
  pass.drop(dKept, adapter).forEach((value, i) => (dx[i] = adds ? dx[i]! + value : value));
}
