/**
 * A queue between an event and an async iterator: what arrives waits until it is asked for.
 */
export class Inbox<Item> {
  readonly #onWait: ((isWaiting: boolean) => void) | undefined;
  #items: Item[] = [];
  #failure: { reason: unknown } | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** `onWait` is told when somebody begins to wait, and when nobody does any more. */
  constructor(onWait?: (isWaiting: boolean) => void) {
    this.#onWait = onWait;
  }

  put(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Ends the queue: what is there is still handed out, then the reason is thrown. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }

  /** Resolves when something is there, or the queue has ended. */
  filled(): Promise<void> {
    if (this.#items.length > 0 || this.#failure !== undefined) return Promise.resolve();
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers();
      this.#onWait?.(true);
    }
    return this.#waiting.promise;
  }

  /** All items at hand, undefined if there are none. Throws: the reason of the end, behind them. */
  takeNow(): Item[] | undefined {
    const items = this.#items;
    if (items.length > 0) {
      this.#items = [];
      return items;
    }
    if (this.#failure !== undefined) throw this.#failure.reason;
    return undefined;
  }

  /** All items at hand; waits for at least one. Throws: as `takeNow`. */
  async take(): Promise<Item[]> {
    for (;;) {
      const items = this.takeNow();
      if (items !== undefined) return items;
      await this.filled();
    }
  }

  #wake(): void {
    if (this.#waiting === undefined) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
    this.#onWait?.(false);
  }
}
