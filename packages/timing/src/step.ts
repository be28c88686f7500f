/**
 * Steps that clocks are asked about most: one token each, or a whole prompt.
 */
import type { StepShape } from '@wafer/core';

/** One token of each of `batch` sequences that are `contextTokens` long. */
export function decodeStep(shape: { batch: number; contextTokens: number }): StepShape {
  const segment = { startPosition: shape.contextTokens, rowCount: 1 };
  return {
    segments: Array.from({ length: shape.batch }, () => segment),
    logitRows: shape.batch,
  };
}

/** A whole prompt in one step; logits of its last token. */
export function prefillStep(shape: { promptTokens: number }): StepShape {
  return { segments: [{ startPosition: 0, rowCount: shape.promptTokens }], logitRows: 1 };
}
