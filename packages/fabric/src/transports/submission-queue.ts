/**
 * How a tile thread tells its chip's I/O thread which channels want something: a ring of numbers.
 *
 * One thread writes and the I/O thread reads. A channel is in it once for a message that was sent,
 * or once for a window that was given back, so that it never overflows. A number is published by
 * storing the count after it.
 */
import { assert } from '@wafer/core';
import type { Doorbell } from '../doorbell.ts';

const SUBMISSION_HEADER = 16; // words: a cache line for the count

/** Submission queue of one thread, for so many channels. */
export function createSubmissionQueue(channelCount: number): SharedArrayBuffer {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(2, channelCount)));
  return new SharedArrayBuffer((SUBMISSION_HEADER + slots) * 4);
}

/** The thread's end. */
export class SubmissionWriter {
  readonly #words: Int32Array;
  readonly #doorbell: Doorbell;
  readonly #mask: number;
  #count = 0;

  /** `doorbell` is the I/O thread's. */
  constructor(submissions: SharedArrayBuffer, doorbell: Doorbell) {
    this.#words = new Int32Array(submissions);
    this.#mask = this.#words.length - SUBMISSION_HEADER - 1;
    this.#doorbell = doorbell;
  }

  post(channel: number): void {
    this.#words[SUBMISSION_HEADER + (this.#count & this.#mask)] = channel;
    this.#count = (this.#count + 1) | 0;
    Atomics.store(this.#words, 0, this.#count);
    this.#doorbell.ring();
  }
}

/** The I/O thread's end. */
export class SubmissionReader {
  readonly #words: Int32Array;
  readonly #mask: number;
  #taken = 0;

  constructor(submissions: SharedArrayBuffer) {
    this.#words = new Int32Array(submissions);
    this.#mask = this.#words.length - SUBMISSION_HEADER - 1;
  }

  get hasSubmission(): boolean {
    return Atomics.load(this.#words, 0) !== this.#taken;
  }

  /** The next channel. Only if `hasSubmission`. */
  take(): number {
    const depth = (Atomics.load(this.#words, 0) - this.#taken) | 0;
    if (depth < 1 || depth > this.#mask + 1) {
      assert(false, 'a submission is there, and none was overwritten', { depth });
    }
    const channel = this.#words[SUBMISSION_HEADER + (this.#taken & this.#mask)]!;
    this.#taken = (this.#taken + 1) | 0;
    return channel;
  }
}
