/**
 * How far something long has come, on standard error: a line in place where a person watches, a
 * plain line every two seconds where nobody does, nothing for what is quick.
 */
import { formatBytes, formatCount, plural } from '@wafer/core';
import type { Terminal } from './terminal.ts';

const PLAIN_INTERVAL_MS = 2000;
const BAR_CELLS = 24;
/** No eye follows more. */
const REDRAW_INTERVAL_MS = 50;

export interface Progress {
  doneBytes: number;
  totalBytes: number;
}

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #action: string;
  #saidMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;

  /** `action` is what goes on, as `loading`; `now` is a clock in milliseconds. */
  constructor(terminal: Terminal, action: string, now: () => number) {
    this.#terminal = terminal;
    this.#action = action;
    this.#now = now;
    this.#saidMs = now();
  }

  report({ doneBytes, totalBytes }: Progress): void {
    this.#show(doneBytes, totalBytes, `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
  }

  /** The same of what is counted, as `fault`. */
  reportCount(done: number, total: number, thing: string): void {
    this.#show(done, total, `${formatCount(done)} of ${plural(total, thing)}`);
  }

  #show(done: number, total: number, amount: string): void {
    const nowMs = this.#now();
    if (this.#terminal.isWatched) {
      if (nowMs - this.#drawnMs < REDRAW_INTERVAL_MS && done < total) return;
      this.#drawnMs = nowMs;
      const part = Math.min(1, done / Math.max(1, total));
      const room = this.#terminal.columnsSaid - 1 - this.#action.length - amount.length - 2;
      const width = Math.min(BAR_CELLS, room);
      const cells = Math.round(part * width);
      const bar = width > 0 ? `${'█'.repeat(cells)}${'░'.repeat(width - cells)} ` : '';
      // Of what does not fit, the terminal keeps what comes first.
      const line = room < 0 ? `${amount} · ${this.#action}` : `${this.#action} ${bar}${amount}`;
      this.#terminal.sayInPlace(line);
    } else if (nowMs - this.#saidMs >= PLAIN_INTERVAL_MS) {
      this.#terminal.say(`wafer: ${this.#action}, ${amount}`);
      this.#saidMs = nowMs;
    }
  }

  /** Takes the line away. */
  close(): void {
    this.#terminal.clearLine();
  }
}
