/**
 * What an op costs, whatever runs it: arithmetic and the bytes it must touch at least once.
 *
 * A multiply-add counts as two operations. Bytes count each operand once, as a machine with a
 * perfect cache would move it; activations are f32.
 */

/** The cost of one call of an op. */
export interface OpCost {
  flops: number;
  /** Read once per call whatever the number of tokens. */
  weightBytes: number;
  /** Activations, and a KV cache as wide as they are, read and written. */
  activationBytes: number;
  /** A KV cache of a narrower type, read and written. Default: 0. */
  kvBytes?: number;
}

export const F32_BYTES = 4;
