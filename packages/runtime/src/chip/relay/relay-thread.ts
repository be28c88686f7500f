/**
 * The relay's worker, as its owner sees it: started, told addresses, asked for figures, waited for.
 */
import { WaferError } from '@wafer/core';
import type { LinkAddress } from '@wafer/fabric/links';
import { WorkerThread } from '../../worker-thread.ts';
import type { FromRelay, RelayTask, ToRelay } from './relay-task.ts';

export interface RelayListener {
  /** Anything but figures. */
  onMessage(message: Exclude<FromRelay, { kind: 'counters' }>): void;
  /** It ended, and should not have unless it was stopped. */
  onCrash(error: Error): void;
}

export class RelayThread {
  readonly #thread: WorkerThread<FromRelay>;
  readonly #refreshes = new Map<number, () => void>();
  #refreshCount = 0;

  constructor(task: Omit<RelayTask, 'port'>, listener: RelayListener) {
    this.#thread = new WorkerThread({ name: 'wafer relay', entry: './chip/relay/worker' });
    this.#thread.assign({
      task: (port): RelayTask => ({ ...task, port }),
      onMessage: (message) => {
        if (message.kind === 'counters') this.#finishRefresh(message.id);
        else listener.onMessage(message);
      },
      onEnd: (reason) => {
        for (const id of this.#refreshes.keys()) this.#finishRefresh(id);
        listener.onCrash(reason instanceof WaferError ? reason : crash(reason));
      },
    });
  }

  /** Connects to the chips, by number. */
  connect(addresses: LinkAddress[]): void {
    this.#tell({ kind: 'connect', addresses });
  }

  /** Asks all chips for a sign of life. */
  ping(): void {
    this.#tell({ kind: 'ping' });
  }

  /** Resolves when the figures of all chips are in their images, or the relay is gone. */
  refresh(): Promise<void> {
    const id = ++this.#refreshCount;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#refreshes.set(id, resolve);
    this.#tell({ kind: 'counters', id });
    return promise;
  }

  /** Resolves when the worker is gone, or was left behind, see `WorkerThread`. */
  async end(limitMs: number): Promise<void> {
    await this.#thread.end(limitMs);
    for (const id of this.#refreshes.keys()) this.#finishRefresh(id);
  }

  #finishRefresh(id: number): void {
    this.#refreshes.get(id)?.();
    this.#refreshes.delete(id);
  }

  #tell(message: ToRelay): void {
    this.#thread.post(message);
  }
}

function crash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'relay', tiles: 'none', reason });
}
