/**
 * What 8-bit activations cost in accuracy: the logits of a probe prompt, with and without them.
 *
 * Both runs differ in nothing else, and logits depend on no layout, so that the figures belong to
 * model, rounding and prompt. The wafers follow each other: one model in memory at a time.
 */
import { openModel } from '@wafer/models';
import type { WaferOptions } from './options/options.ts';
import { Wafer } from './wafer.ts';

/** Differences between logits of `int8` and of `f32` activations. */
export interface ActivationError {
  /** Positions of the probe prompt. */
  tokenCount: number;
  maxLogitError: number;
  meanLogitError: number;
  /** Standard deviation of the logits around their mean: what the errors are to be held against. */
  logitDeviation: number;
  /** Positions after which both find the same token the likeliest. */
  sameTopCount: number;
}

/** Runs the prompt with both kinds of activations and compares. Throws: what a wafer throws. */
export async function measureActivationError(
  options: WaferOptions,
  prompt: ArrayLike<number>,
): Promise<ActivationError> {
  const { model: named, modelsFolder } = options;
  const model = typeof named === 'string' ? await openModel(named, { modelsFolder }) : named;
  const exact = await logitRows({ ...options, model, activations: 'f32' }, prompt);
  const rounded = await logitRows({ ...options, model, activations: 'int8' }, prompt);
  return compareLogits(exact, rounded);
}

/** Compares rows of logits, [T] of [V] each. */
export function compareLogits(
  exact: readonly Float32Array[],
  rounded: readonly Float32Array[],
): ActivationError {
  let [maxLogitError, errorSum, squareSum, sameTopCount, count] = [0, 0, 0, 0, 0];
  exact.forEach((row, position) => {
    const other = rounded[position]!;
    const mean = row.reduce((sum, logit) => sum + logit, 0) / row.length;
    row.forEach((logit, id) => {
      const error = Math.abs(logit - other[id]!);
      maxLogitError = Math.max(maxLogitError, error);
      errorSum += error;
      squareSum += (logit - mean) ** 2;
    });
    count += row.length;
    if (likeliest(row) === likeliest(other)) sameTopCount++;
  });
  return {
    tokenCount: exact.length,
    maxLogitError,
    meanLogitError: errorSum / count,
    logitDeviation: Math.sqrt(squareSum / count),
    sameTopCount,
  };
}

/** The logits after each token of a prompt, [T] of [V]. */
export async function logitRows(
  options: WaferOptions,
  prompt: ArrayLike<number>,
): Promise<Float32Array[]> {
  await using wafer = await Wafer.start(options);
  const rows: Float32Array[] = [];
  for await (const { logits } of wafer.logits(prompt)) rows.push(logits);
  return rows;
}

/** The first index of the largest logit. */
function likeliest(row: Float32Array): number {
  let best = 0;
  for (let id = 1; id < row.length; id++) if (row[id]! > row[best]!) best = id;
  return best;
}
