/**
 * What 8-bit activations did to the logits, reported beside the speed they gave.
 */
import { measureActivationError } from '@wafer/runtime';
import type { ActivationError } from '@wafer/runtime';
import { untilAborted } from '../session.ts';
import type { WaferSettings } from '../wafer-options.ts';

/** The error over a prompt; undefined where activations are f32. Throws: the signal's reason. */
export async function activationErrorOf(
  { options, resolved }: WaferSettings,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<ActivationError | undefined> {
  if (resolved.plan.activations === 'f32') return undefined;
  const quiet = { ...options, recordSteps: false, logger: undefined, traceRecords: 0 };
  return await untilAborted(measureActivationError(quiet, prompt), signal);
}

/** One line for people. */
export function activationErrorText(error: ActivationError): string {
  const { tokenCount, maxLogitError, meanLogitError, logitDeviation, sameTopCount } = error;
  const [mean, most, deviation] = [meanLogitError, maxLogitError, logitDeviation].map((value) =>
    value.toPrecision(2),
  );
  return (
    `8-bit activations: logits off by ${mean} on average, ${most} at most ` +
    `(their deviation is ${deviation}); ` +
    `the likeliest token is the same after ${sameTopCount} of ${tokenCount}.`
  );
}
