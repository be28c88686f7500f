/**
 * Entry of the thread that runs a command: its own terminal, the signals of the main thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { watchOutputs } from '@wafer/core';
import { runCommandLine } from '../command-line.ts';
import type { Interrupted } from '../failures/failures.ts';
import { deliverSignal, useSignalFlag } from '../failures/signals.ts';
import { terminalKind } from '../terminal/kind.ts';
import { Terminal } from '../terminal/terminal.ts';
import { outputOf } from './output-of.ts';
import type { AsideData, AsideWord } from './run-aside.ts';

const { words, flag, columns } = workerData as AsideData;
const tell = (word: AsideWord): void => parentPort!.postMessage(word);
useSignalFlag(flag);
watchOutputs((partial, isOpen) => tell({ partial, isOpen }));
parentPort!.on('message', (kind: Interrupted['kind']) => {
  // Whoever goes on is asked again by the next signal.
  if (!deliverSignal(kind)) Atomics.store(flag, 0, 0);
  tell({ isAsked: Atomics.load(flag, 0) !== 0 });
});
// The port alone does not keep the thread.
parentPort!.unref();
const terminal = new Terminal({
  out: outputOf(1, columns),
  errors: outputOf(2, columns),
  ...terminalKind(process.env),
});
tell({ code: await runCommandLine(words, terminal, process.env) });
