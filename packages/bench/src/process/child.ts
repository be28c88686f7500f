/**
 * A runner in a child process, seen from the parent.
 *
 * A child is in a process group of its own, so that Ctrl-C is the parent's to answer, and it is
 * killed when the parent exits: native code of a peer would not look up before it is done.
 *
 * Requests are answered in order. A child that fails or ends by itself fails what was asked of it
 * and everything after.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WaferError } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import { programEntry } from '@wafer/runtime/internal';
import { workerUrl } from '../worker-url.ts';
import type { ChildAnswer, ChildRequest } from './messages.ts';
import type { Role, Runner, RunnerOf } from './runner.ts';

interface Waiting {
  resolve(sample: unknown): void;
  reject(error: Error): void;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

class ChildRunner implements Runner<unknown, unknown> {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting: Waiting[] = [];
  #end: Error | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#process = fork(fileURLToPath(programEntry(workerUrl('./roles/worker'))), {
      execArgv: [],
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    living.add(this.#process);
    this.#process.on('message', (answer: ChildAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.kind === 'done') waiting?.resolve(answer.sample);
      else waiting?.reject(childError(this.#name, answer));
    });
    const end = (reason: string): void => {
      living.delete(this.#process);
      this.#end ??= new WaferError('RUNNER_ENDED', { runner: name, reason });
      for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
    };
    this.#process.once('error', (error) => end(String(error)));
    this.#process.once('exit', (code, signal) => end(`exit code ${signal ?? code}`));
  }

  ask(request: ChildRequest): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#send(request);
    });
  }

  /** A child that is gone is noticed by its exit, not by what cannot be sent. */
  #send(request: ChildRequest): void {
    if (this.#process.connected) this.#process.send(request, () => undefined);
  }

  measure(task: unknown): Promise<unknown> {
    return this.ask({ kind: 'measure', task });
  }

  async close(): Promise<void> {
    if (this.#end) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#process.once('exit', () => resolve());
    this.#send({ kind: 'close' });
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), CLOSE_MS_MAX);
    await promise;
    clearTimeout(timer);
  }
}

/** A child that does not close in this time is killed. */
const CLOSE_MS_MAX = 10_000;

/** Starts a child process and opens a runner in it. Throws: whatever opening throws. */
export async function openChild<R extends Role>(
  role: R['name'],
  options: R['options'],
): Promise<RunnerOf<R>> {
  const child = new ChildRunner(role);
  try {
    await child.ask({ kind: 'open', role, options });
  } catch (error) {
    await child.close();
    throw error;
  }
  return child;
}

function childError(name: string, answer: ChildAnswer & { kind: 'failed' }): Error {
  const { error, message } = answer;
  if (error === undefined) return new Error(`${name}: ${message}`);
  return WaferError.fromJSON(error as { code: ErrorCode; details: Record<string, unknown> });
}
