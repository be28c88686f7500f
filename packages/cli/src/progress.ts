/**
 * How far loading has come, on standard error: a line in place where a person watches, a plain line
 * every two seconds where nobody does, nothing for a load that is quick.
 */
import type { LoadProgress } from '@wafer/runtime';
import { formatBytes } from './format.ts';
import type { Terminal } from './terminal.ts';

const PLAIN_INTERVAL_MS = 2000;
const BAR_CELLS = 24;

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #saidMs: number;
  #isOpen = false;

  /** `now` is a clock in milliseconds. */
  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
    this.#saidMs = now();
  }

  report(progress: LoadProgress): void {
    const { loadedBytes, totalBytes } = progress;
    const amount = `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`;
    if (this.#terminal.isWatched) {
      const cells = Math.round((loadedBytes / Math.max(1, totalBytes)) * BAR_CELLS);
      const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
      this.#terminal.sayInPlace(`loading ${bar} ${amount}`);
      this.#isOpen = true;
    } else if (this.#now() - this.#saidMs >= PLAIN_INTERVAL_MS) {
      this.#terminal.say(`wafer: loading, ${amount}`);
      this.#saidMs = this.#now();
    }
  }

  /** Takes the line away. */
  close(): void {
    if (this.#isOpen) this.#terminal.sayInPlace('');
    this.#isOpen = false;
  }
}
