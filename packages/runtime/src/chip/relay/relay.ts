/**
 * The parent's I/O thread: one link to every chip, between the engine and the network.
 *
 * The caller's thread takes no part in a token, and the engine blocks while it waits; hence a
 * thread that owns the sockets. It wakes by its doorbell, rung by the engine, or by the network.
 */
import { Doorbell } from '@wafer/fabric';
import { WaferError, append } from '@wafer/core';
import type { LinkAddress } from '@wafer/fabric/links';
import type { ShardError } from '@wafer/models';
import { writeCounters } from '../counters.ts';
import type { ToParent } from '../protocol.ts';
import { ParentEnd } from './parent-end.ts';
import type { FromRelay, PlainError, RelayTask, ToRelay } from './relay-task.ts';

const CLOSE_MS_MAX = 1000;

export class Relay {
  readonly #task: RelayTask;
  readonly #doorbell: Doorbell;
  #addresses: LinkAddress[] = [];
  #ends: ParentEnd[] = [];
  #plannedCount = 0;
  #loadedCount = 0;
  readonly #shardErrors: ShardError[] = [];
  /** Chips whose figures are still to come, by request. */
  readonly #awaited = new Map<number, number>();
  #published = 0;
  #isClosing = false;

  constructor(task: RelayTask) {
    this.#task = task;
    this.#doorbell = new Doorbell(task.doorbells, 0);
    task.port.on('message', (message: ToRelay) => this.#obey(message));
  }

  /** Sends what the engine publishes, until the stop word is raised. */
  async run(): Promise<void> {
    const hasWork = (): boolean => this.#findPublished() !== this.#published;
    while (!this.#doorbell.isStopped) {
      this.#published = this.#findPublished();
      for (const end of this.#ends) end.sendRecords(end.published);
      await this.#doorbell.rungUnless(hasWork);
    }
    this.#isClosing = true;
    this.#task.port.close();
    const closed = Promise.allSettled(this.#ends.map((end) => end.close()));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_MS_MAX);
    await Promise.race([closed, promise]);
    clearTimeout(timer);
    for (const end of this.#ends) end.abort();
  }

  /** Steps published to the tiles of all chips, added up: changes whenever any of them does. */
  #findPublished(): number {
    let sum = 0;
    for (const end of this.#ends) sum += end.published;
    return sum;
  }

  #obey(message: ToRelay): void {
    if (message.kind === 'connect') {
      this.#addresses = message.addresses;
      this.#ends = this.#task.setups.map((setup, chip) => {
        const listener = {
          onSaid: (said: ToParent) => this.#hear(chip, said),
          onEnd: (error: WaferError | undefined) => this.#end(chip, error),
        };
        const address = message.addresses[chip]!;
        return new ParentEnd(this.#task, { setup, address, listener });
      });
    } else if (message.kind === 'ping') {
      for (const end of this.#ends) if (end.hasOpened) end.say(message);
    } else if (message.kind === 'place') {
      const [{ chipOf } = { chipOf: [] }] = this.#task.setups;
      this.#ends[chipOf[message.part.tile]!]!.place(message);
    } else {
      this.#awaited.set(message.id, this.#ends.length);
      for (const end of this.#ends) end.say(message);
    }
  }

  #hear(chip: number, said: ToParent): void {
    const chipCount = this.#ends.length;
    if (said.kind === 'pong') {
      Atomics.add(this.#task.beats, chip, 1);
    } else if (said.kind === 'planned') {
      // Chips look for each other, so all must be ready before any of them starts.
      if (++this.#plannedCount < chipCount) return;
      for (const end of this.#ends) end.say({ kind: 'start', peers: this.#addresses });
    } else if (said.kind === 'loaded') {
      append(this.#shardErrors, said.shardErrors);
      const shardErrors = this.#shardErrors;
      if (++this.#loadedCount === chipCount) this.#say({ kind: 'loaded', shardErrors });
    } else if (said.kind === 'counters') {
      writeCounters(this.#task.plan, this.#task.memories, said.counters);
      const rest = (this.#awaited.get(said.id) ?? 1) - 1;
      this.#awaited.set(said.id, rest);
      if (rest > 0) return;
      this.#awaited.delete(said.id);
      this.#say({ kind: 'counters', id: said.id });
    } else if (said.kind === 'placed') {
      this.#say(said);
    } else {
      this.#say({ kind: 'failed', chip, error: said.error });
    }
  }

  #end(chip: number, error: WaferError | undefined): void {
    if (this.#isClosing) return;
    const { hasOpened = false, hasRecovered = false } = this.#ends[chip] ?? {};
    const reason = error ?? new WaferError('CHIP_DIED', { chip, reason: 'it closed its link' });
    const isOwn = reason.code !== 'LINK_BROKEN' || !hasOpened || hasRecovered;
    this.#say({ kind: 'ended', chip, error: plain(reason), isOwn: isOwn && error !== undefined });
  }

  #say(message: FromRelay): void {
    this.#task.port.postMessage(message);
  }
}

function plain(error: WaferError): PlainError {
  const { code, details } = error.toJSON();
  return { code, details };
}
