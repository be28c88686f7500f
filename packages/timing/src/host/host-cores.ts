/**
 * The cores of this host. A thread keeps the core it has until it waits: slices of the system are
 * longer than steps. What threads of sockets do is short and comes at once, on a core that is idle,
 * or in the time of a thread that has one.
 */
import { assert, minOf } from '@wafer/core';

/** A thread as cores see it. */
export interface CoreUser {
  nowNs: number;
  hasCore: boolean;
}

export class HostCores {
  /** Of cores that nobody has: since when. */
  readonly #idleNs: number[];
  readonly #users = new Set<CoreUser>();

  constructor(count: number) {
    this.#idleNs = Array.from({ length: count }, () => 0);
  }

  /** When one that is ready then could begin; never, while others have all cores. */
  startNs(readyNs: number): number {
    return Math.max(readyNs, minOf(this.#idleNs));
  }

  take(user: CoreUser, startNs: number): void {
    const idle = this.#idleNs.indexOf(minOf(this.#idleNs));
    assert(idle >= 0 && !user.hasCore, 'a core is there for who has none', { startNs });
    this.#idleNs.splice(idle, 1);
    this.#users.add(user);
    user.hasCore = true;
    user.nowNs = startNs;
  }

  release(user: CoreUser): void {
    this.#idleNs.push(user.nowNs);
    this.#users.delete(user);
    user.hasCore = false;
  }

  /** Whether nobody has one of them then. */
  hasIdle(atNs: number): boolean {
    return this.#idleNs.some((idleNs) => idleNs <= atNs);
  }

  /**
   * Something short that another thread does now: on a core that is idle, else in who has one. Told
   * before its time it would take an idle core from who is ready sooner.
   */
  interrupt(atNs: number, ns: number): void {
    const idle = this.#idleNs.findIndex((idleNs) => idleNs <= atNs);
    if (idle >= 0) {
      this.#idleNs[idle] = atNs + ns;
      return;
    }
    let first: CoreUser | undefined;
    for (const user of this.#users) if (!first || user.nowNs < first.nowNs) first = user;
    if (first) first.nowNs += ns;
  }
}
