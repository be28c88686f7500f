/**
 * One step of the engine: a batch of rows, grouped in segments of one sequence each.
 *
 * The scheduler fills it in place; the engine encodes it into the step record that every tile
 * reads. Rows of a segment are consecutive positions of its sequence.
 */

/** Consecutive tokens of one sequence in a step. */
export interface Segment {
  firstRow: number;
  rowCount: number;
  /** Position of the first row in its sequence. */
  startPosition: number;
  /** KV block ids of the sequence, one per 16 positions, covering at least the segment's end. */
  blocks: readonly number[];
  /** The same for layers with windows, from block index `windowFirst` on; empty without any. */
  windowBlocks: readonly number[];
  windowFirst: number;
}

export interface Step {
  /** Rows in use. */
  rowCount: number;
  /** Token ids, [rowsMax]. */
  tokens: Int32Array;
  /** In ascending firstRow; cover [0, rowCount) without gaps. */
  segments: Segment[];
  /** Rows whose logits are wanted, ascending. */
  logitRows: number[];
}
