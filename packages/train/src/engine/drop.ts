/**
 * Dropout of the inputs of an adapter.
 */
import { dropoutFactor, dropoutKey, dropoutThreshold } from '../dropout.ts';
import type { Adapter } from '../network/adapter.ts';
import type { ThreadState } from './thread-state.ts';

/** Rows with what this step drops of them left out; this tile's part. */
export function dropPart(
  { target, source, panels }: { target: number; source: number; panels: number },
  { a, dropout, index }: Adapter,
  state: ThreadState,
): void {
  const [start, end] = state.part(panels * a.columns);
  const { dropSeed, dropStep } = state;
  state.kernels.dropRows(
    target + start * 64,
    source + start * 64,
    (end - start) * 16,
    start * 16,
    dropoutKey(0, dropSeed, dropStep, state.row, index),
    dropoutKey(1, dropSeed, dropStep, state.row, index),
    dropoutThreshold(dropout),
    dropoutFactor(dropout),
  );
}
