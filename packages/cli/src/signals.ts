/**
 * Ctrl-C and SIGTERM as an abort signal, so that a command ends its request and its threads.
 *
 * The first one asks, the second one ends the process at once.
 */
import { EXIT_CODES } from './exit-codes.ts';
import { Interrupted } from './failures.ts';

export interface SignalWatch extends Disposable {
  /** Aborts with `Interrupted`. */
  readonly signal: AbortSignal;
}

/** Watches until it is disposed. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  const end = (kind: Interrupted['kind']) => (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[kind]);
    controller.abort(new Interrupted(kind));
  };
  const onInterrupt = end('interrupted');
  const onTerminate = end('terminated');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
