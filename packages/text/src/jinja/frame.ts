/**
 * Where a part of a template stands, while it is compiled.
 */
import type { Scope } from './scope.ts';
import type { Symbols } from './symbols.ts';

/** Where an expression stands. */
export interface Frame {
  symbols: Symbols;
  /** Directly in a branch, where a filter that does not exist is a fault only when reached. */
  isBranch: boolean;
  /** What a filter without a node works on: the text of its block. */
  block?: ((scope: Scope) => string) | undefined;
}

/** How a statement ends: `break` and `continue` leave what is around them. */
export type Signal = 'break' | 'continue' | undefined;
export type Run = (scope: Scope) => Signal;

/** Where a statement stands. */
export interface BodyFrame extends Frame {
  /** At the outermost level: what is stored is seen by blocks. */
  isTop: boolean;
  /** Inside a loop of the same function. */
  isInLoop: boolean;
}

/** A frame with variables of its own. */
export function innerFrame(frame: BodyFrame, symbols: Symbols): BodyFrame {
  return { symbols, isBranch: false, isTop: false, isInLoop: frame.isInLoop };
}
