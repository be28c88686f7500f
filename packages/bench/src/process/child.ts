/**
 * A runner in a child process, seen from the parent.
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
import type { Runner } from './runner.ts';
import type { RunnerOf, Role, Roles } from './roles.ts';

interface Waiting {
  resolve(sample: unknown): void;
  reject(error: Error): void;
}

class ChildRunner implements Runner<unknown, unknown> {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting: Waiting[] = [];
  #end: Error | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#process = fork(fileURLToPath(programEntry(workerUrl('./process/worker'))), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (answer: ChildAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.kind === 'done') waiting?.resolve(answer.sample);
      else waiting?.reject(childError(this.#name, answer));
    });
    const end = (reason: string): void => {
      this.#end ??= new Error(`the process of ${name} ended: ${reason}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
    };
    this.#process.once('error', (error) => end(String(error)));
    this.#process.once('exit', (code, signal) => end(`exit code ${signal ?? code}`));
  }

  ask(request: ChildRequest): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.send(request);
    });
  }

  measure(task: unknown): Promise<unknown> {
    return this.ask({ kind: 'measure', task });
  }

  async close(): Promise<void> {
    if (this.#end) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#process.once('exit', () => resolve());
    this.#process.send({ kind: 'close' } satisfies ChildRequest);
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), CLOSE_MS_MAX);
    await promise;
    clearTimeout(timer);
  }
}

/** A child that does not close in this time is killed. */
const CLOSE_MS_MAX = 10_000;

/** Starts a child process and opens a runner in it. Throws: whatever opening throws. */
export async function openChild<R extends Role>(
  role: R,
  options: Roles[R]['options'],
): Promise<RunnerOf<R>> {
  const child = new ChildRunner(role);
  try {
    await child.ask({ kind: 'open', role, options });
  } catch (error) {
    await child.close();
    throw error;
  }
  return child as RunnerOf<R>;
}

function childError(name: string, answer: ChildAnswer & { kind: 'failed' }): Error {
  const { error, message } = answer;
  if (error === undefined) return new Error(`${name}: ${message}`);
  return WaferError.fromJSON(error as { code: ErrorCode; details: Record<string, unknown> });
}
