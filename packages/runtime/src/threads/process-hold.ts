/**
 * Keeps this process alive while somebody waits for a wafer, and only then: a program that reaches
 * its end with an idle wafer ends, closed or not.
 */
const LONGEST_MS = 2 ** 31 - 1;

export class ProcessHold {
  /** Does nothing when it rings; held, it keeps the process. */
  readonly #timer = setInterval(() => undefined, LONGEST_MS).unref();
  #count = 0;

  /** Somebody waits, or one less does. */
  count(isWaiting: boolean): void {
    if (isWaiting && this.#count++ === 0) this.#timer.ref();
    if (!isWaiting && --this.#count === 0) this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
