/**
 * What 8-bit activations and a narrower KV cache did to the logits, reported beside the speed they
 * gave.
 */
import { measureActivationError, measureKvError } from '@wafer/runtime';
import type { ActivationError, KvError, WaferOptions } from '@wafer/runtime';
import { untilAborted } from './until-aborted.ts';
import type { WaferSettings } from './wafer-settings.ts';

/** The error over a prompt; undefined where activations are f32. Throws: the signal's reason. */
export async function activationErrorOf(
  settings: WaferSettings,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<ActivationError | undefined> {
  if (settings.resolved.plan.activations === 'f32') return undefined;
  return await untilAborted(measureActivationError(quiet(settings), prompt), signal);
}

/** The same for a KV cache that is not f32. */
export async function kvErrorOf(
  settings: WaferSettings,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<KvError | undefined> {
  if (settings.resolved.plan.kv === 'f32') return undefined;
  return await untilAborted(measureKvError(quiet(settings), prompt), signal);
}

function quiet({ options }: WaferSettings): WaferOptions {
  return { ...options, recordSteps: false, logger: undefined, traceRecords: 0 };
}

/** One line for people. */
export function errorText(what: string, error: ActivationError): string {
  const { tokenCount, maxLogitError, meanLogitError, logitDeviation, sameTopCount } = error;
  const [mean, most, deviation] = [meanLogitError, maxLogitError, logitDeviation].map((value) =>
    value.toPrecision(2),
  );
  return (
    `${what}: logits off by ${mean} on average, ${most} at most ` +
    `(their deviation is ${deviation}); ` +
    `the likeliest token is the same after ${sameTopCount} of ${tokenCount}.`
  );
}
