/**
 * What a KV cache of a narrower type costs in accuracy: the logits of a probe prompt with it, and
 * with one of f32. The wafers follow each other: one model in memory at a time.
 */
import { openModel } from '@wafer/models';
import { compareLogits, logitRows } from './activation-error.ts';
import type { ActivationError } from './activation-error.ts';
import type { WaferOptions } from './options/options.ts';

/** Differences between logits of a narrower KV cache and of one of f32. */
export type KvError = ActivationError;

/** Runs the prompt with the KV cache that the options name, and with f32. Throws: as a wafer. */
export async function measureKvError(
  options: WaferOptions,
  prompt: ArrayLike<number>,
): Promise<KvError> {
  const { model: named, modelsFolder } = options;
  const model = typeof named === 'string' ? await openModel(named, { modelsFolder }) : named;
  const exact = await logitRows({ ...options, model, kv: 'f32' }, prompt);
  const rounded = await logitRows({ ...options, model }, prompt);
  return compareLogits(exact, rounded);
}
