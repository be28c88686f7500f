/**
 * Embeddings: options checked, and vectors brought to length 1.
 */
import { WaferError } from '@wafer/core';
import { checkFields } from '../check-options.ts';
import { refuse } from '../engine/sampling-options.ts';
import type { Pooling } from '../engine/request.ts';
import type { EmbedOptions } from '../language-model.ts';

/** Checks the options and fills in the defaults. Throws: REQUEST_INVALID. */
export function resolveEmbed(options: EmbedOptions): { pooling: Pooling; isNormalized: boolean } {
  const asked = checkFields(options, ['pooling', 'normalize', 'adapter']);
  const { pooling = 'mean', normalize = true } = asked;
  if (pooling !== 'mean' && pooling !== 'last') refuse('pooling', pooling, 'mean or last');
  if (typeof normalize !== 'boolean') refuse('normalize', normalize, 'true or false');
  return { pooling, isNormalized: normalize };
}

/** A state goes out in the room of a row of logits. Throws: PLAN_OPTION. */
export function checkWidth({
  modelWidth,
  vocabCount,
}: {
  modelWidth: number;
  vocabCount: number;
}): void {
  if (modelWidth <= vocabCount) return;
  const expected = `at most as wide as its vocabulary, ${vocabCount}`;
  throw new WaferError('PLAN_OPTION', { option: 'model', value: modelWidth, expected });
}

/** Divides a vector by its length, in place; one of length 0 stays. */
export function normalizeVector(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
  return vector;
}
