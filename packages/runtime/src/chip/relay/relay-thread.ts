/**
 * The relay's worker, as its owner sees it: started, told addresses, asked for figures, waited for.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WaferError } from '@wafer/core';
import type { LinkAddress } from '@wafer/fabric/links';
import { workerExecArgv } from '../../thread-settings.ts';
import { workerEntry } from '../../worker-entry.ts';
import type { FromRelay, RelayTask, ToRelay } from './relay-task.ts';

export interface RelayListener {
  /** Anything but figures. */
  onMessage(message: Exclude<FromRelay, { kind: 'counters' }>): void;
  /** It ended, and should not have unless it was stopped. */
  onCrash(error: Error): void;
}

export class RelayThread {
  readonly #port: MessagePort;
  readonly #exit: Promise<unknown>;
  readonly #refreshes = new Map<number, () => void>();
  #refreshCount = 0;

  constructor(task: Omit<RelayTask, 'port'>, listener: RelayListener) {
    const { port1, port2 } = new MessageChannel();
    const workerData: RelayTask = { ...task, port: port2 };
    const url = workerEntry('./chip/relay/worker');
    const execArgv = workerExecArgv();
    const relay = new Worker(url, { workerData, execArgv, transferList: [port2] });
    this.#port = port1;
    this.#exit = new Promise((resolve) => relay.once('exit', resolve));
    relay.once('error', (error) => listener.onCrash(crash(String(error))));
    relay.once('exit', (code) => listener.onCrash(crash(`it exited with code ${code}`)));
    port1.on('message', (message: FromRelay) => {
      if (message.kind === 'counters') this.#finishRefresh(message.id);
      else listener.onMessage(message);
    });
    port1.unref();
  }

  /** Connects to the chips, by number. */
  connect(addresses: LinkAddress[]): void {
    this.#tell({ kind: 'connect', addresses });
  }

  /** Resolves when the figures of all chips are in their images, or the relay is gone. */
  refresh(): Promise<void> {
    const id = ++this.#refreshCount;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#refreshes.set(id, resolve);
    this.#tell({ kind: 'counters', id });
    return promise;
  }

  /** Resolves when the worker is gone. */
  async ended(): Promise<void> {
    await this.#exit;
    this.#port.close();
    for (const id of this.#refreshes.keys()) this.#finishRefresh(id);
  }

  #finishRefresh(id: number): void {
    this.#refreshes.get(id)?.();
    this.#refreshes.delete(id);
  }

  #tell(message: ToRelay): void {
    this.#port.postMessage(message);
  }
}

function crash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'relay', tiles: 'none', reason });
}
