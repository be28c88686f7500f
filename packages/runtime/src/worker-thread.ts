/**
 * One worker thread of a wafer, as its owner sees it: started, heard, and ended within a limit.
 *
 * It keeps no process alive: whoever waits for it holds the process (`ProcessHold`). Its end is
 * told once, after its last message, whether it failed, was refused or just returned.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort, ResourceLimits, Transferable } from 'node:worker_threads';
import type { WaferError } from '@wafer/core';
import { hostRefusal, isHostRefusal } from './host-error.ts';
import { isWithin } from './wait-limits.ts';
import { workerExecArgv } from './thread-settings.ts';
import { workerEntry } from './worker-entry.ts';
import type { WorkerEntry } from './worker-entry.ts';

export interface WorkerParts<Message> {
  /** For debuggers and in errors. */
  name: string;
  entry: WorkerEntry;
  resourceLimits?: ResourceLimits;
  /** What the thread is started with; it owns the port. */
  data(port: MessagePort): unknown;
  /** What moves to the thread beside its port. */
  transferList?: readonly Transferable[];
  onMessage(message: Message): void;
  /** It has ended: a refusal of the system, or why. */
  onEnd(reason: WaferError | string): void;
}

export class WorkerThread<Message> {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #exited = Promise.withResolvers<void>();

  /** Throws: HOST_REFUSED. */
  constructor(parts: WorkerParts<Message>) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const { name, resourceLimits } = parts;
    try {
      this.#worker = new Worker(workerEntry(parts.entry), {
        name,
        workerData: parts.data(port2),
        transferList: [port2, ...(parts.transferList ?? [])],
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
      for (let got = receiveMessageOnPort(port1); got; got = receiveMessageOnPort(port1)) {
        parts.onMessage(got.message as Message);
      }
      port1.close();
      this.#exited.resolve();
      parts.onEnd(reason ?? `it exited with code ${code}`);
    });
    port1.on('messageerror', (error) => {
      reason ??= String(error);
      void this.#worker.terminate();
    });
    port1.on('message', (message: Message) => parts.onMessage(message));
    port1.unref();
    this.#worker.unref();
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
   * Resolves when the thread has ended: by itself within the limit, else by force. A thread that
   * the system does not let go within as much time again is left behind.
   */
  async end(limitMs: number): Promise<void> {
    if (await isWithin(limitMs, this.exited)) return;
    this.#worker.terminate().catch(() => undefined);
    await isWithin(limitMs, this.exited);
  }
}
