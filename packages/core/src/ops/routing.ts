/**
 * What a router decides for the tokens of a step. Letters: T tokens, E experts, k chosen.
 */

/** What a router decided: [T, k] each, a token's experts in ascending id. */
export interface Routing {
  chosen: Int32Array;
  weights: Float32Array;
}

/** Rows of a step by expert: expert e has the rows [starts[e], starts[e + 1]). */
export interface ExpertRows {
  /** [E + 1]. */
  starts: Int32Array;
  /** The row of each slot t · k + j, [T · k]. */
  places: Int32Array;
  /** The slot of each row, [T · k]. */
  slots: Int32Array;
}
