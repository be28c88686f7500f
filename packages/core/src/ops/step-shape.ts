/**
 * What a step asks of the wafer: rows by sequence, and how many of them need logits.
 *
 * Costs and clocks need no more of a step than this; token ids matter only for who owns their
 * embedding.
 */

/** Rows of one sequence in a step. */
export interface StepSegment {
  /** Positions of the sequence before the step. */
  readonly startPosition: number;
  readonly rowCount: number;
  /** Which adapter they go through; none if 0 or absent. */
  readonly adapter?: number;
}

export interface StepShape {
  readonly segments: readonly StepSegment[];
  /** Token id of each row; all 0 if absent. */
  readonly tokens?: readonly number[];
  readonly logitRows: number;
  /** Which program of the tiles it is; `infer` if absent. */
  readonly program?: 'infer' | 'extend';
}

/** Rows of all sequences. */
export function rowsOf(step: StepShape): number {
  return step.segments.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

/** How many rows have a token in [first, first + count). */
export function rowsOwned(step: StepShape, owner: { start: number; count: number }): number {
  const isOwned = (token: number): boolean =>
    token >= owner.start && token < owner.start + owner.count;
  if (step.tokens) return step.tokens.filter(isOwned).length;
  return isOwned(0) ? rowsOf(step) : 0;
}
