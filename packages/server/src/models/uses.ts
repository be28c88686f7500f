/**
 * Who uses a model at the moment, and how long it stays when nobody does.
 */
import { assert } from '@wafer/core';

/** Timers take no more; then it stays. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Uses {
  readonly #onIdle: () => void;
  #count = 0;
  /** Told once nobody uses it. */
  #onFree: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds that it stays without a use; Infinity for ever. */
  idleMs: number;

  /** `onIdle` is told once nobody has used it for so long. */
  constructor(idleMs: number, onIdle: () => void) {
    this.idleMs = idleMs;
    this.#onIdle = onIdle;
  }

  get count(): number {
    return this.#count;
  }

  /** One more, until it is disposed of. */
  take(): Disposable {
    this.#count++;
    this.stop();
    let isOpen = true;
    return {
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#count--;
        assert(this.#count >= 0, 'a use ends once', { count: this.#count });
        if (this.#count === 0) for (const onFree of this.#onFree.splice(0)) onFree();
        this.rest();
      },
    };
  }

  /** Resolves once nobody uses it. */
  async free(): Promise<void> {
    if (this.#count === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onFree.push(resolve);
    await promise;
  }

  /** Begins the time after which it is idle, unless somebody uses it. */
  rest(): void {
    if (this.#count > 0) return;
    this.stop();
    if (this.idleMs > TIMER_MS_MAX) return;
    this.#timer = setTimeout(this.#onIdle, this.idleMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
