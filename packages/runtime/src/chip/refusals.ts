/**
 * Tells of strangers that were turned away, without letting them fill a log.
 *
 * The first few of an interval are told one by one; the others are counted, and told together when
 * the interval ends.
 */
import type { WaferError } from '@wafer/core';
import type { LinkClock } from '@wafer/fabric/links';

const INTERVAL_MS = 10_000;
const TOLD_SINGLY_MAX = 4;

export class Refusals {
  readonly #tell: (error: WaferError, count: number) => void;
  readonly #clock: LinkClock;
  #told = 0;
  #untold = 0;
  #last: WaferError | undefined;
  #cancel: (() => void) | undefined;

  constructor(tell: (error: WaferError, count: number) => void, clock: LinkClock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  note(error: WaferError): void {
    this.#cancel ??= this.#clock.after(INTERVAL_MS, () => this.flush());
    if (this.#told < TOLD_SINGLY_MAX) {
      this.#told++;
      this.#tell(error, 1);
    } else {
      this.#untold++;
      this.#last = error;
    }
  }

  /** Tells the rest and ends the interval. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#last !== undefined) this.#tell(this.#last, this.#untold);
    this.#last = undefined;
    this.#told = 0;
    this.#untold = 0;
  }
}
