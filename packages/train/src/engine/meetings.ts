/**
 * After which ops tiles meet: wherever the next reads what another tile has written.
 *
 *   forward   norm │ q k v │ rope rope │ attend │ o │ add norm │ gate up swiglu │ down │ add norm
 *
 * Ops of one input write outputs of their own and are one run; what follows it is met, unless both
 * have the same parts: panels of add and norm, outputs of a matrix and of SwiGLU.
 */
import type { TrainOp } from '../network/program.ts';

/** Whether tiles meet between an op and the next on the way forward; undefined: nothing is next. */
export function meetsForward(op: TrainOp, next: TrainOp | undefined): boolean {
  if (next === undefined) return true;
  if (isSide(op, next)) return false;
  // Panels of the same value.
  if ((op.op === 'add' || op.op === 'embed') && next.op === 'norm') {
    return op.output.index !== next.input.index;
  }
  // Outputs of gate, if it is met, and of up.
  return !(isMatrix(op) && next.op === 'swiglu' && op.output.index === next.up.index);
}

/** The same on the way back, where `next` is the op before it in the program. */
export function meetsBackward(op: TrainOp, next: TrainOp | undefined): boolean {
  if (op.op === 'add') return false; // does nothing
  if (next === undefined) return true;
  if (isSide(op, next)) return false;
  return !(isMatrix(op) && next.op === 'swiglu' && op.input.index === next.output.index);
}

/** Ops of the same input, or of values apart, in a row. */
function isSide(op: TrainOp, next: TrainOp): boolean {
  if (op.op === 'rope') return next.op === 'rope' && op.target.index !== next.target.index;
  return isMatrix(op) && isMatrix(next) && op.input.index === next.input.index;
}

function isMatrix(op: TrainOp): op is Extract<TrainOp, { op: 'linear' | 'experts' }> {
  return op.op === 'linear' || op.op === 'experts';
}
