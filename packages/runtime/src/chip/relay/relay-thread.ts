/**
 * The relay's worker, as its owner sees it: started, told addresses, asked for figures, given
 * parts of slots, waited for.
 */
import { assert, WaferError } from '@wafer/core';
import type { LinkAddress } from '@wafer/fabric/links';
import type { SlotPart } from '../../adapters/adapter-slots.ts';
import { WorkerThread } from '../../threads/worker-thread.ts';
import type { FromRelay, RelayTask, ToRelay } from './relay-task.ts';

export interface RelayListener {
  /** Anything but answers. */
  onMessage(message: Exclude<FromRelay, { kind: 'counters' | 'placed' }>): void;
  /** It ended, and should not have unless it was stopped. */
  onCrash(error: Error): void;
}

export class RelayThread {
  readonly #thread: WorkerThread<FromRelay>;
  readonly #refreshes = new Map<number, () => void>();
  readonly #placed = new Map<number, PromiseWithResolvers<void>>();
  #count = 0;
  #failure: Error | undefined;

  constructor(task: Omit<RelayTask, 'port'>, listener: RelayListener) {
    this.#thread = new WorkerThread({ name: 'wafer relay', entry: './chip/relay/worker' });
    this.#thread.assign({
      task: (port): RelayTask => ({ ...task, port }),
      onMessage: (message) => {
        if (message.kind === 'counters') this.#finishRefresh(message.id);
        else if (message.kind === 'placed') this.#finishPlace(message.id);
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
    const id = this.#nextId();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#refreshes.set(id, resolve);
    this.#tell({ kind: 'counters', id });
    return promise;
  }

  /** Resolves when a part of a slot lies in its tile; `bytes` move. Throws: as `fail` was told. */
  async place(part: SlotPart, bytes: ArrayBuffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#nextId();
    const placed = Promise.withResolvers<void>();
    this.#placed.set(id, placed);
    this.#thread.post({ kind: 'place', id, part, bytes } satisfies ToRelay, [bytes]);
    await placed.promise;
  }

  /** Nothing more comes of what is under way: whoever waits learns why. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#placed.values()) reject(this.#failure);
    this.#placed.clear();
  }

  /** Resolves when the worker is gone, or was left behind, see `WorkerThread`. */
  async end(limitMs: number): Promise<void> {
    this.fail(new WaferError('WAFER_CLOSED'));
    await this.#thread.end(limitMs);
    for (const id of this.#refreshes.keys()) this.#finishRefresh(id);
  }

  /** Comes back from chips as the i32 of a head, `slot-piece.ts`: it goes round. */
  #nextId(): number {
    this.#count = (this.#count + 1) | 0;
    const isFree = !this.#placed.has(this.#count) && !this.#refreshes.has(this.#count);
    assert(isFree, 'ids come again long after they were answered', { id: this.#count });
    return this.#count;
  }

  #finishRefresh(id: number): void {
    this.#refreshes.get(id)?.();
    this.#refreshes.delete(id);
  }

  #finishPlace(id: number): void {
    this.#placed.get(id)?.resolve();
    this.#placed.delete(id);
  }

  #tell(message: ToRelay): void {
    this.#thread.post(message);
  }
}

function crash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'relay', tiles: 'none', reason });
}
