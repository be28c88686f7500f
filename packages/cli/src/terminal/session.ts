/**
 * A wafer for the time of one command: started with a progress line, ended by a signal.
 */
import { untilAborted } from '@wafer/bench/common';
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { ProgressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';

/**
 * Starts a wafer, showing how far loading has come as `action`. Throws: what `Wafer.start` throws,
 * and the signal's reason at once; threads that are still loading are then ended.
 */
export async function startWafer(
  options: WaferOptions,
  use: { terminal: Terminal; signal: AbortSignal; action?: string },
): Promise<Wafer> {
  const progress = new ProgressLine(use.terminal, use.action ?? 'loading', () => performance.now());
  const start = Wafer.start({
    ...options,
    signal: use.signal,
    onProgress: ({ loadedBytes: doneBytes, totalBytes }) =>
      progress.report({ doneBytes, totalBytes }),
  });
  try {
    return await untilAborted(start, use.signal);
  } finally {
    progress.close();
  }
}
