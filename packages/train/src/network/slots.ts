/**
 * Values and gradients of a training program, as its ops name them. Letters: T tokens, k experts
 * of a token.
 */

/** Rows of one value, [T, width], or a row per token and expert; the name is its gradient's. */
export interface TrainSlot {
  index: number;
  name: string;
  /** Slots: [T · k, width], by expert. */
  rows: 'tokens' | 'slots';
  width: number;
  /** The layer that writes it; -1: the embedding; the count of layers: the head. */
  layer: number;
  /** Whether the way back reads it. */
  isKept: boolean;
}

/** Where a gradient lies, and whether an op adds to it or is the first to write it. */
export interface GradientUse {
  name: string;
  adds: boolean;
}
