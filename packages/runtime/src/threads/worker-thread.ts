/**
 * One worker thread of a wafer, as its owner sees it: started, given a task, heard, and ended
 * within a limit.
 *
 * A thread may be started before its task is known (`spare-threads.ts`): it waits for it. It keeps
 * no process alive: whoever waits for it holds the process (`ProcessHold`). Its end is told once,
 * after its last message, whether it failed, was refused or just returned.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort, ResourceLimits, Transferable } from 'node:worker_threads';
import { assert } from '@wafer/core';
import type { WaferError } from '@wafer/core';
import { hostRefusal, isHostRefusal } from './host-error.ts';
import { isWithin } from './wait-limits.ts';
import { workerExecArgv } from './thread-settings.ts';
import { workerEntry } from '../worker-entry.ts';
import type { WorkerEntry } from '../worker-entry.ts';

export interface WorkerParts {
  /** For debuggers and in errors. */
  name: string;
  entry: WorkerEntry;
  resourceLimits?: ResourceLimits;
}

/** What a thread is to do, and who is told. */
export interface WorkerTask<Message> {
  /** What `takeTask` gives in the thread, which owns the port. */
  task(port: MessagePort): unknown;
  /** What moves to the thread beside its port. */
  transferList?: readonly Transferable[];
  onMessage(message: Message): void;
  /** It has ended: a refusal of the system, or why. */
  onEnd(reason: WaferError | string): void;
}

export class WorkerThread<Message> {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #taskPort: MessagePort;
  readonly #exited = Promise.withResolvers<void>();
  readonly #assigned = Promise.withResolvers<WorkerTask<Message>>();
  #isAssigned = false;

  /** Throws: HOST_REFUSED. */
  constructor({ name, entry, resourceLimits }: WorkerParts) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#taskPort = port2;
    port1.unref();
    try {
      this.#worker = new Worker(workerEntry(entry), {
        name,
        execArgv: workerExecArgv(),
        ...(resourceLimits && { resourceLimits }),
      });
    } catch (error) {
      port1.close();
      throw hostRefusal(`start the thread ${name}`, error);
    }
    let reason: WaferError | string | undefined;
    this.#worker.on('error', (error) => {
      const isRefusal = isHostRefusal(error);
      reason ??= isRefusal ? hostRefusal(`start the thread ${name}`, error) : String(error);
    });
    this.#worker.once('exit', (code) => {
      this.#exited.resolve();
      void this.#assigned.promise.then((task) => {
        for (let got = receiveMessageOnPort(port1); got; got = receiveMessageOnPort(port1)) {
          task.onMessage(got.message as Message);
        }
        port1.close();
        task.onEnd(reason ?? `it exited with code ${code}`);
      });
    });
    port1.on('messageerror', (error) => {
      reason ??= String(error);
      void this.#worker.terminate();
    });
    this.#worker.unref();
  }

  /** Gives the thread its one task. A thread that has ended by now tells `onEnd`. */
  assign(task: WorkerTask<Message>): void {
    assert(!this.#isAssigned, 'a thread has one task');
    this.#isAssigned = true;
    this.#port.on('message', (message: Message) => task.onMessage(message));
    this.#port.unref();
    const port = this.#taskPort;
    this.#worker.postMessage(task.task(port), [port, ...(task.transferList ?? [])]);
    this.#assigned.resolve(task);
  }

  /** Sends a message; nobody takes it once the thread has ended. */
  post(message: unknown, transferList: Transferable[] = []): void {
    this.#port.postMessage(message, transferList);
  }

  /** Resolves when the thread has ended. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /**
   * Resolves when the thread has ended: by itself within its grace, else by force. A thread that
   * the system does not let go within the limit is left behind.
   */
  async end(limitMs: number, graceMs: number = limitMs): Promise<void> {
    if (graceMs > 0 && (await isWithin(graceMs, this.exited))) return;
    this.#worker.terminate().catch(() => undefined);
    await isWithin(limitMs, this.exited);
  }

  /** Ends a thread that was given no task; resolves as `end` does. */
  async discard(limitMs: number): Promise<void> {
    assert(!this.#isAssigned, 'a thread with a task ends by itself or by force');
    this.#worker.terminate().catch(() => undefined);
    await isWithin(limitMs, this.exited);
    this.#port.close();
  }
}
