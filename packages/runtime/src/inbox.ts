/**
 * A queue between an event and an async iterator: what arrives waits until it is asked for.
 */
export class Inbox<Item> {
  #items: Item[] = [];
  #failure: { reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Ends the queue: what is there is still handed out, then the reason is thrown. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake?.();
  }

  /** All items at hand; waits for at least one. */
  async take(): Promise<Item[]> {
    while (this.#items.length === 0) {
      if (this.#failure) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
