/**
 * Routers or PEs that may be able to move in the next cycle, each once.
 */
export class AwakeList {
  readonly #isAwake: Uint8Array;
  #awake: number[] = [];
  #spare: number[] = [];

  constructor(count: number) {
    this.#isAwake = new Uint8Array(count);
  }

  /** One more for the next cycle. */
  wake(index: number): void {
    if (this.#isAwake[index] === 1) return;
    this.#isAwake[index] = 1;
    this.#awake.push(index);
  }

  /** All that were woken; valid until the next call. */
  take(): readonly number[] {
    const taken = this.#awake;
    for (const index of taken) this.#isAwake[index] = 0;
    this.#awake = this.#spare;
    this.#awake.length = 0;
    this.#spare = taken;
    return taken;
  }
}
