/**
 * How a tile thread tells its chip's I/O thread which channels want something: a ring of numbers.
 *
 * One thread writes and the I/O thread reads. A channel is in it once for a message that was sent,
 * or once for a window that was given back, so that it never overflows. A number is published by
 * storing the count after it.
 */
import type { Doorbell } from '@wafer/fabric';

const MAIL_HEADER = 16; // words: a cache line for the count

/** Mail of one thread, for so many channels. */
export function createMail(channelCount: number): SharedArrayBuffer {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(2, channelCount)));
  return new SharedArrayBuffer((MAIL_HEADER + slots) * 4);
}

/** The thread's end. */
export class MailWriter {
  readonly #words: Int32Array;
  readonly #doorbell: Doorbell;
  readonly #mask: number;
  #count = 0;

  /** `doorbell` is the I/O thread's. */
  constructor(mail: SharedArrayBuffer, doorbell: Doorbell) {
    this.#words = new Int32Array(mail);
    this.#mask = this.#words.length - MAIL_HEADER - 1;
    this.#doorbell = doorbell;
  }

  post(channel: number): void {
    this.#words[MAIL_HEADER + (this.#count & this.#mask)] = channel;
    this.#count = (this.#count + 1) | 0;
    Atomics.store(this.#words, 0, this.#count);
    this.#doorbell.ring();
  }
}

/** The I/O thread's end. */
export class MailReader {
  readonly #words: Int32Array;
  readonly #mask: number;
  #taken = 0;

  constructor(mail: SharedArrayBuffer) {
    this.#words = new Int32Array(mail);
    this.#mask = this.#words.length - MAIL_HEADER - 1;
  }

  get hasMail(): boolean {
    return Atomics.load(this.#words, 0) !== this.#taken;
  }

  /** The next channel. Only if `hasMail`. */
  take(): number {
    const channel = this.#words[MAIL_HEADER + (this.#taken & this.#mask)]!;
    this.#taken = (this.#taken + 1) | 0;
    return channel;
  }
}
