/**
 * Lets a start be aborted between its pieces of work: whoever computes on the caller's thread hears
 * no timer, no message and no key until the event loop comes round.
 */
import { setImmediate } from 'node:timers/promises';

/** Lets what is due happen, where there is a signal to heed. Throws: the reason of the signal. */
export async function hearSignal(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return;
  signal.throwIfAborted();
  await setImmediate();
  signal.throwIfAborted();
}
