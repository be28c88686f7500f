/**
 * Commands that compute for seconds without a pause run in a thread of their own, so that the
 * process's main thread is free to hear a signal.
 *
 *     main thread   hears signals, sets a flag, passes them on
 *     the thread    runs the command; asks the flag where it writes, its event loop where it waits
 *
 * What does not answer in most of a second is ended with the process, and half a file goes with it.
 */
import { rmSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Worker } from 'node:worker_threads';
import { cliEntry } from '../cli-entry.ts';
import { EXIT_CODES } from '../failures/exit-codes.ts';
import type { ExitCode } from '../failures/exit-codes.ts';
import type { Interrupted } from '../failures/failures.ts';
import { END_MS_MAX, SIGNAL_NUMBERS } from '../failures/signals.ts';

/** Commands that plan, read texts or write models, and ask nothing of standard input. */
const ASIDE: readonly string[] = [
  'detokenize',
  'eval',
  'export',
  'init',
  'inspect',
  'plan',
  'project',
  'quantize',
  'show',
  'tokenize',
  'tokenizer',
  'train',
  'validate',
];

/** What the thread is given. */
export interface AsideData {
  words: readonly string[];
  /** [1]: 0 or the number of the signal that came. */
  flag: Int32Array;
  /** [2]: widths of standard output and standard error; 0 where there is none. */
  columns: Int32Array;
}

/** What the thread says: which file it writes, that it will end by itself, or how it ended. */
export type AsideWord =
  | { partial: string; isOpen: boolean }
  | { isAsked: boolean }
  | { code: ExitCode };

/** Whether the command that these words name runs in a thread of its own. */
export function isAside(words: readonly string[]): boolean {
  const [first = '', second] = words;
  return ASIDE.includes(first) || (first === 'bench' && second === 'grammar');
}

/** Widths of the terminal, kept as they are now. */
function sharedColumns(): Int32Array {
  const columns = new Int32Array(new SharedArrayBuffer(8));
  for (const [index, name] of (['stdout', 'stderr'] as const).entries()) {
    if (!isatty(index + 1)) continue;
    const stream = process[name];
    const read = (): void => void Atomics.store(columns, index, stream.columns);
    read();
    stream.on('resize', read);
  }
  return columns;
}

/**
 * Runs a command line in a thread; its exit code, undefined where the process may start no thread.
 * Signals may end the process before.
 */
export function runAside(words: readonly string[]): Promise<ExitCode | undefined> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const workerData: AsideData = { words, flag, columns: sharedColumns() };
  let worker: Worker;
  try {
    worker = new Worker(cliEntry('./aside/worker', process.env), { workerData, stdin: true });
  } catch {
    return Promise.resolve(undefined);
  }
  if (words.includes('-')) process.stdin.pipe(worker.stdin!);
  let isHeard = false;
  let isAnswered = false;
  const partials = new Set<string>();
  const finish = (kind: Interrupted['kind']): void => {
    for (const path of partials) rmSync(path, { force: true });
    process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[2K' : ''}wafer: ${kind}\n`);
    process.exit(EXIT_CODES[kind]);
  };
  const hear = (kind: Interrupted['kind']): void => {
    if (isHeard) finish(kind);
    isHeard = true;
    isAnswered = false;
    Atomics.store(flag, 0, SIGNAL_NUMBERS[kind]);
    worker.postMessage(kind);
    setTimeout(() => {
      if (!isAnswered) finish(kind);
    }, END_MS_MAX).unref();
  };
  const signals = { SIGINT: () => hear('interrupted'), SIGTERM: () => hear('terminated') };
  process.on('SIGINT', signals.SIGINT).on('SIGTERM', signals.SIGTERM);
  return new Promise((resolve, reject) => {
    let ended: ExitCode | undefined;
    worker.on('message', (word: AsideWord) => {
      if ('partial' in word) {
        if (word.isOpen) partials.add(word.partial);
        else partials.delete(word.partial);
        return;
      }
      isAnswered = true;
      if ('code' in word) {
        ended = word.code;
        // All is written; what it left open is of no use.
        void worker.terminate();
      }
      // Asked, and goes on: the next signal is the first again.
      else isHeard = word.isAsked;
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      process.off('SIGINT', signals.SIGINT).off('SIGTERM', signals.SIGTERM);
      if (error.code === 'ERR_WORKER_INIT_FAILED') resolve(undefined);
      else reject(error);
    });
    worker.on('exit', (code) => {
      if (words.includes('-')) process.stdin.destroy();
      resolve(ended ?? (code as ExitCode));
    });
  });
}
