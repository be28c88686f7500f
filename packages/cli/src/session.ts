/**
 * A wafer for the time of one command: started with a progress line, ended by a signal.
 */
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { ProgressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';

/**
 * Starts a wafer, showing how far loading has come. Throws: what `Wafer.start` throws, and the
 * signal's reason; threads that are still loading then end with the process.
 */
export async function startWafer(
  options: WaferOptions,
  use: { terminal: Terminal; signal: AbortSignal },
): Promise<Wafer> {
  const progress = new ProgressLine(use.terminal, 'loading', () => performance.now());
  const start = Wafer.start({
    ...options,
    onProgress: ({ loadedBytes: doneBytes, totalBytes }) =>
      progress.report({ doneBytes, totalBytes }),
  });
  try {
    return await untilAborted(start, use.signal);
  } finally {
    progress.close();
  }
}

/** Waits for work that cannot be told to end. Throws: the signal's reason. */
export async function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
